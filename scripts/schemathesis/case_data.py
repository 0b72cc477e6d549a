"""Puts existing things in the place of generated ones, where the document cannot say what exists.

Only what was generated as valid is touched: a request that must be refused stays as it is.
"""

import re
import uuid

from schemathesis.core.parameters import ParameterLocation

from calls import RULES
from keys import Key
from proxies import RULE, held, is_judgement
from world import Session, World

# The ids that were answered so far.
SEEN: set[str] = set()
IDS = re.compile(r'"((?:apr|ban|cli|dev|key|ses|tev)_[0-9a-z]{26})"|"user_id":"([^"\\]+)"')
FORMS = {"issue_token", "revoke"}
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


def fill(world: World, operation: str, case, session: Session | None) -> None:
    if is_judgement(operation):
        fill_judgement(world, operation, case)
    elif is_valid(case, ParameterLocation.PATH):
        fill_path(world, case, session)
    if is_valid(case, ParameterLocation.QUERY) and "cursor" in (case.query or {}):
        # A cursor is the server's own: a made up one is refused, as it has to be.
        del case.query["cursor"]
    if operation in FORMS and isinstance(case.body, dict):
        # A parameter without a value is as good as absent (RFC 6749 section 3.2).
        case.body = {name: value for name, value in case.body.items() if value != ""}
    if is_valid(case, ParameterLocation.BODY) and isinstance(case.body, dict):
        change = BODIES.get(operation)
        if change is not None:
            change(world, case)


def is_valid(case, location: ParameterLocation) -> bool:
    return case.meta is None or not case.meta.is_negative_at(location)


def fill_path(world: World, case, session: Session | None) -> None:
    given = case.path_parameters or {}
    if session is not None:
        # Whatever device this is of: the caller is a new user with a login of their own.
        if "device_id" in given:
            given["device_id"] = world.login(session.user).answer["device_id"]
        return
    if given.keys() and all(value in SEEN for value in given.values()):
        # An earlier step of the same scenario was answered with these.
        return
    if "client_id" in given:
        given["client_id"] = world.victim_client()
    if "key_id" in given:
        given["key_id"] = world.add_api_key("verify")["key_id"]
    if "session_id" in given:
        given["session_id"] = world.adopted()[0].answer["session_id"]
    if "ban_id" in given:
        given["ban_id"] = world.ban()
    if "approval_id" in given:
        given["approval_id"] = world.approval()
    if "evidence_id" in given:
        _, _, _, given["device_id"], _, given["evidence_id"] = world.trust_evidence().split("/")
        return
    if "device_id" in given and "user_id" not in given:
        given["device_id"] = world.login(world.user()).answer["device_id"]
    if "device_id" in given and "user_id" in given:
        victim = world.login(world.user())
        given.update(user_id=victim.user, device_id=victim.answer["device_id"])


def fill_judgement(world: World, operation: str, case) -> None:
    """A rule, and a request at the app: in the document all of it is text."""
    if "rule" in (case.path_parameters or {}) and is_valid(case, ParameterLocation.PATH):
        case.path_parameters["rule"] = RULE
    # Where a header is missing it stays so, and is all that is wrong.
    told = held(operation, world.url, case.method, "").headers
    case.headers.update({name: value for name, value in told.items() if name in case.headers})


def remember(world: World, answer: str) -> None:
    """Keeps the ids of an answer, but for what the run itself lives on."""
    SEEN.update({text for found in IDS.findall(answer) for text in found if text})
    SEEN.difference_update({world.client, world.api_key["key_id"]})


def fill_registration(world: World, case) -> None:
    """A login, a signup or a refresh. Which members belong to which is beyond the document."""
    body = case.body
    body["client_id"] = world.client
    body.pop("refresh_token", None)
    if body.get("proof"):
        body["proof"] = world.relayed_proof(Key())
    if body.get("tokens"):
        body["tokens"]["access"].update(world.tokens()["access"])
    push = body.get("device", {}).get("push")
    if push:
        # The platform of the client has no push service of its own.
        push["provider"] = "fcm"
    if body.get("event") == "refresh":
        session = world.login(world.user())
        body.update(user_id=session.user, refresh_token=session.answer["refresh_token"])
        body.pop("tokens", None)
        body.pop("proof", None)
        body.get("device", {}).pop("device_secret", None)


def fill_grant(world: World, case) -> None:
    """A token exchange with an ID token of the client's issuer, or a refresh."""
    body = case.body
    body["client_id"] = world.client
    for name in ("actor_token", "audience", "resource", "requested_token_type", "nonce", "device"):
        body.pop(name, None)
    case.headers["DPoP"] = (key := Key()).proof("POST", f"{world.url}/oauth/token")
    if body["grant_type"] == EXCHANGE:
        body.update(
            subject_token=world.id_token(),
            subject_token_type="urn:ietf:params:oauth:token-type:id_token",
            installation_id=str(uuid.uuid4()),
        )
    else:
        body["refresh_token"] = world.login(world.user(), key).answer["refresh_token"]


def fill_client(world: World, case) -> None:
    """Settings whose values allow each other: each alone is as the document says."""
    body = case.body
    lifetimes = body.get("lifetimes")
    if lifetimes:
        limits = [lifetimes.pop(name, None) for name in ("idle_seconds", "absolute_seconds")]
        if None not in limits:
            # Idle sessions do not outlive the session's end.
            lifetimes["idle_seconds"], lifetimes["absolute_seconds"] = sorted(limits)
    fill_policy(body.get("attestation") or {})
    exceptions = body.get("limits") or {}
    for kind, name in (("roles", "role"), ("users", "user_id")):
        if exceptions.get(kind):
            exceptions[kind] = list({each[name]: each for each in exceptions[kind]}.values())
    for issuer in body.get("issuers") or []:
        issuer["issuer"] = in_one_form(issuer["issuer"])
    for holder in (body, (body.get("attestation") or {}).get("web") or {}):
        if holder.get("origins"):
            holder["origins"] = [in_one_form(origin) for origin in holder["origins"]]
    issuers = {issuer["issuer"]: issuer for issuer in body.get("issuers") or []}
    for issuer in issuers.values():
        # Keys for an issuer that is reached over TLS are, too.
        issuer.pop("jwks_uri", None)
    if body.get("issuers"):
        body["issuers"] = list(issuers.values())


def in_one_form(url: str) -> str:
    """An IPv6 address may be written in many ways, and is taken in the one that proofs have it in."""
    return re.sub(r"^https://\[[^]]*]", "https://[2001:db8::1]", url)


def fill_policy(policy: dict) -> None:
    """Demands that a device could meet."""
    policy.get("enroll", {}).pop("max_age_seconds", None)
    for action in ("enroll", "login", "refresh"):
        if policy.get(action, {}).get("mode") == "enforce":
            # Where no apps are named, nobody could show what is demanded.
            policy[action]["mode"] = "telemetry"
    if (policy.get("android") or {}).get("min_os_patch_level") is not None:
        policy["android"]["min_os_patch_level"] = 202601


def fill_credentials(world: World, case) -> None:
    """Keys that can be read: in the document they are text, and either kind may be there."""
    case.body.clear()
    case.body.update(world.response_keys())


def fill_tokens(world: World, case) -> None:
    """Tokens that no session had before, two different ones."""
    case.body["access"].update(world.tokens()["access"])


def fill_verification(world: World, case) -> None:
    """A proof comes with the request that it was made for."""
    if case.body.get("proof") is not None:
        for name, value in {"method": "GET", "url": f"{world.url}/orders"}.items():
            if case.body.get(name) is None:
                case.body[name] = value


def fill_reading(world: World, case) -> None:
    """One session is read: by its id, or by its token."""
    named = [name for name in ("session_id", "token_sha256") if case.body.get(name) is not None]
    for name in named[1:]:
        del case.body[name]
    if not named:
        case.body["session_id"] = world.adopted()[0].answer["session_id"]


def fill_challenge(world: World, case) -> None:
    case.body["client_id"] = world.client


def fill_enrollment(world: World, case) -> None:
    """A device with a key of its own and nothing that vouches for it."""
    case.body.update(world.enrollment("enroll"))
    case.body.pop("evidence", None)
    for name in ("push", "device_secret"):
        # These belong to a login.
        case.body.get("device", {}).pop(name, None)
    prove(case, Key(), f"{world.url}/v1/enrollments")


def fill_rotation(world: World, case) -> None:
    """A device that a user is logged in on gives up its key."""
    url, old = f"{world.url}/v1/enrollments/rotate", Key()
    world.login(world.user(), old)
    case.body.update(world.enrollment("rotate"), previous_proof=old.proof("POST", url))
    case.body.pop("evidence", None)
    prove(case, Key(), url)


def fill_unenrollment(world: World, case) -> None:
    """A device that a user is logged in on gives up its key for good."""
    key = Key()
    world.login(world.user(), key)
    case.body["client_id"] = world.client
    prove(case, key, f"{world.url}/v1/enrollments/unenroll")


def fill_report(world: World, case) -> None:
    """Signed by a device of its own: in the document it is text."""
    case.body["report"] = world.report()


def fill_rules(world: World, case) -> None:
    """A file that is one; which rules were applied before is beyond the document."""
    case.body.pop("version", None)
    case.body["text"] = RULES


def fill_trust(world: World, case) -> None:
    """A device with a key, and a user who has it where one is named."""
    device = world.login(world.user(), Key())
    if "device_id" in (case.path_parameters or {}):
        case.path_parameters["device_id"] = device.answer["device_id"]
    case.body.pop("user_id", None)
    if case.body.get("kind") == "mfa":
        case.body["user_id"] = device.user


def fill_ticket(world: World, case) -> None:
    """A ticket that a login just got, with a proof by the device that was refused."""
    key = Key()
    case.body["ticket"] = world.ticket(key)
    if "device_id" in case.body:
        case.body["device_id"] = world.counted
    prove(case, key, world.url + case.path)


def fill_assertion(world: World, case) -> None:
    """A device signs for whatever action comes up."""
    key = Key()
    device = world.login(world.user(), key)
    challenge = world.enrollment("assert")["challenge"]
    if is_valid(case, ParameterLocation.PATH):
        case.path_parameters["session_id"] = device.answer["session_id"]
    jws = key.assertion(world.client, challenge, case.body["action"])
    case.body.update(challenge=challenge, assertion={"kind": "key", "jws": jws})


def fill_ban(world: World, case) -> None:
    """A device, somebody on it, or a key: one of these."""
    body, victim = case.body, world.login(world.user())
    if body.get("device_id") is None and body.get("jkt") is not None:
        body.pop("user_id", None)
        return
    body.pop("jkt", None)
    body["device_id"] = victim.answer["device_id"]
    if body.get("user_id") is not None:
        body["user_id"] = victim.user


def prove(case, key: Key, url: str) -> None:
    """Where the header is missing it stays so, and is all that is wrong."""
    if "DPoP" in (case.headers or {}):
        case.headers["DPoP"] = key.proof("POST", url)


BODIES = {
    "ask_challenge": fill_challenge,
    "enroll_device": fill_enrollment,
    "rotate_key": fill_rotation,
    "unenroll_device": fill_unenrollment,
    "check_in": fill_report,
    "apply_rules": fill_rules,
    "list_with_ticket": fill_ticket,
    "remove_with_ticket": fill_ticket,
    "assert_device": fill_assertion,
    "read_feed_session": fill_reading,
    "register_session": fill_registration,
    "replace_tokens": fill_tokens,
    "set_play_credentials": fill_credentials,
    "issue_token": fill_grant,
    "create_ban": fill_ban,
    "add_trust_evidence": fill_trust,
    "create_client": fill_client,
    "update_client": fill_client,
    "verify": fill_verification,
}
