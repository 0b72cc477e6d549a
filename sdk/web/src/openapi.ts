// Generated from docs/openapi.json by `npm run generate`; not to be edited.

export interface paths {
    readonly "/.well-known/jwks.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The keys that sign access tokens. */
        readonly get: operations["get_jwks"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/.well-known/oauth-authorization-server": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What the server can do as an OAuth authorization server. */
        readonly get: operations["get_server_metadata"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/caddy/{rule}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Asked by Caddy's `forward_auth`: may the request it holds back go on? */
        readonly get: operations["judge_for_caddy"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/envoy/{path}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Asked by Envoy's `ext_authz` with the held request's own method and path: may it go on? */
        readonly get: operations["judge_get_for_envoy"];
        /** Asked by Envoy's `ext_authz` with the held request's own method and path: may it go on? */
        readonly put: operations["judge_put_for_envoy"];
        /** Asked by Envoy's `ext_authz` with the held request's own method and path: may it go on? */
        readonly post: operations["judge_post_for_envoy"];
        /** Asked by Envoy's `ext_authz` with the held request's own method and path: may it go on? */
        readonly delete: operations["judge_delete_for_envoy"];
        /** Asked by Envoy's `ext_authz` with the held request's own method and path: may it go on? */
        readonly options: operations["judge_options_for_envoy"];
        /** Asked by Envoy's `ext_authz` with the held request's own method and path: may it go on? */
        readonly head: operations["judge_head_for_envoy"];
        /** Asked by Envoy's `ext_authz` with the held request's own method and path: may it go on? */
        readonly patch: operations["judge_patch_for_envoy"];
        /** Asked by Envoy's `ext_authz` with the held request's own method and path: may it go on? */
        readonly trace: operations["judge_trace_for_envoy"];
    };
    readonly "/auth/nginx/{rule}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Asked by nginx's `auth_request`: may the request it holds back go on? */
        readonly get: operations["judge_for_nginx"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/traefik/{rule}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Asked by Traefik's `forwardAuth`: may the request it holds back go on? */
        readonly get: operations["judge_for_traefik"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/oauth/introspect": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Says whether a token is active, and whose it is. Proofs and demands are not part of the
         *     question: `/v1/verify` judges those.
         */
        readonly post: operations["introspect"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/oauth/revoke": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Ends the session that a token belongs to: access and refresh token alike. A token that is
         *     none of ours is answered in the same way.
         * @description A device sends its `client_id`: holding the token is enough, and another client's token stays
         *     as it is. A backend sends its API key.
         */
        readonly post: operations["revoke"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/oauth/token": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Logs a user in by an ID token of an issuer that the client trusts, or rotates a session's
         *     tokens; by the device itself.
         * @description With the `DPoP` header, which the client demands unless its `proof_of_possession` is
         *     `optional`. An ID token logs one device key in; presented again by the same key, whose answer
         *     may have been lost, it logs in again.
         */
        readonly post: operations["issue_token"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/api-keys": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Lists API keys, oldest first, revoked ones included. */
        readonly get: operations["list_api_keys"];
        readonly put?: never;
        /** Makes an API key. The answer holds the secret, which is shown only here. */
        readonly post: operations["create_api_key"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/api-keys/{key_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Revokes an API key: refused from the next call on. */
        readonly delete: operations["revoke_api_key"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/approvals": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Lists requests for approval, newest first. */
        readonly get: operations["list_approvals"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/approvals/{approval_id}/approve": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Lets a device, or a user on one, in. */
        readonly post: operations["approve"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/approvals/{approval_id}/reject": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Refuses a device, which is revoked by that, or a user on one. */
        readonly post: operations["reject"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/bans": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Lists bans, newest first. */
        readonly get: operations["list_bans"];
        readonly put?: never;
        /**
         * Bans a device, one user on it, or a key that may never have been seen: its sessions end, and it
         *     stays refused until the ban is lifted.
         */
        readonly post: operations["create_ban"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/bans/{ban_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Lifts a ban; the device may come back with another key. */
        readonly delete: operations["lift_ban"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/check-in": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Takes what a device says of itself, signed by its key and counted up; it is judged by that at once. */
        readonly post: operations["check_in"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/clients": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Lists client applications, oldest first. */
        readonly get: operations["list_clients"];
        readonly put?: never;
        /** Registers a client application. */
        readonly post: operations["create_client"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/clients/{client_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Reads one client application. */
        readonly get: operations["get_client"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        /** Changes a client application; what the body leaves out stays. */
        readonly patch: operations["update_client"];
        readonly trace?: never;
    };
    readonly "/v1/clients/{client_id}/play-integrity": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        /**
         * Gives a client what its tokens of Play Integrity are read with, in place of what it had.
         * @description Response keys are for the tokens of classic requests, a service account for those of standard
         *     ones. Nothing of it is ever shown again.
         */
        readonly put: operations["set_play_credentials"];
        readonly post?: never;
        /** Takes from a client what its tokens of Play Integrity are read with: they cannot be judged any more. */
        readonly delete: operations["remove_play_credentials"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/compliance/rules": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Reads the rules in force. */
        readonly get: operations["get_rules"];
        /**
         * Puts rules in force: a file whose own tests pass, or one that was applied before. Every device is
         *     judged by them within the minute.
         */
        readonly put: operations["apply_rules"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/compliance/rules/history": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Lists the rules that were applied, the newest first. */
        readonly get: operations["list_rules"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/devices/{device_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Reads everything that is known of a device: who has it, what it showed, and why it is refused. */
        readonly get: operations["get_device"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/devices/{device_id}/compliance": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Reads where a device stands by the rules in force, and why. */
        readonly get: operations["get_device_compliance"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/devices/{device_id}/evidence": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Says something for a device: that a user confirmed it with more than one factor, or that it is
         *     managed. It counts until its time is over, its key is replaced, or it is withdrawn.
         */
        readonly post: operations["add_trust_evidence"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/devices/{device_id}/evidence/{evidence_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Takes back what was said for a device: from the answer on nobody counts on it. */
        readonly delete: operations["withdraw_trust_evidence"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/devices/{device_id}/posture": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        /**
         * Says what a device management knows of a device, in place of what it said before; the device is
         *     judged by it at once.
         */
        readonly put: operations["put_posture"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/devices/{device_id}/resume": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Lets a suspended device go on. */
        readonly post: operations["resume_device"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/devices/{device_id}/revoke": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Revokes a device: all its sessions end, and its key is dead for good. */
        readonly post: operations["revoke_device"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/devices/{device_id}/suspend": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Cuts a device off until it is resumed; its record, key and sessions are kept. */
        readonly post: operations["suspend_device"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/enrollments": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Enrolls a device by its key, with or without evidence of its platform.
         * @description A key that is known is the device that it was; a new one is a new device, of which nobody is an
         *     owner until a user logs in with it.
         */
        readonly post: operations["enroll_device"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/enrollments/challenges": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Gives out a challenge for evidence of one device: it serves once, within five minutes. */
        readonly post: operations["ask_challenge"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/enrollments/rotate": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Replaces a device's key: sessions go on with the new one, and the old one is dead. */
        readonly post: operations["rotate_key"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/enrollments/unenroll": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Gives a device's key up: its sessions end, and nobody accepts the key any more.
         * @description The device keeps its record, without a key. Where its user comes back with a new one under the same
         *     installation id, it goes on.
         */
        readonly post: operations["unenroll_device"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/feed": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** What is new for a verifier, and for how long it may rely on what it has. */
        readonly post: operations["pull_feed"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/feed/seen": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Takes in whose requests a verifier let through, so that their sessions do not go idle. */
        readonly post: operations["report_seen"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/feed/session": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** A session, or what a token of the app's own stands for, as of now. */
        readonly post: operations["read_feed_session"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/limit-tickets/devices": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Shows a user whom a device limit refused the devices that count, those that were not used for
         *     longest first.
         */
        readonly post: operations["list_with_ticket"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/limit-tickets/remove": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Removes one of the devices that count, so that the user can log in; the ticket is used up. */
        readonly post: operations["remove_with_ticket"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/logout": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Ends the caller's own session. */
        readonly post: operations["log_out"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/me/devices": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Lists the caller's devices, newest first. */
        readonly get: operations["list_own_devices"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/me/devices/{device_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Removes one of the caller's devices: its session ends and it leaves the list. */
        readonly delete: operations["remove_own_device"];
        readonly options?: never;
        readonly head?: never;
        /** Gives one of the caller's devices a name. */
        readonly patch: operations["rename_own_device"];
        readonly trace?: never;
    };
    readonly "/v1/me/devices/{device_id}/logout": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Logs one of the caller's devices out; it stays in the list. */
        readonly post: operations["log_out_own_device"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/me/devices/{device_id}/not-me": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Says that one of the caller's devices is not the caller's: it is cut off and stays refused, and
         *     nothing else of the account changes until a backend or an admin lifts that.
         */
        readonly post: operations["disown_device"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/me/sessions/end-others": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Ends all other sessions of the caller. */
        readonly post: operations["end_other_sessions"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/nodes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Lists the nodes, and the verifiers that follow the one that is asked. */
        readonly get: operations["list_nodes"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Registers a signup, login or refresh that the app's backend let through, and with it the
         *     device that it came from.
         */
        readonly post: operations["register_session"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{session_id}/assertions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Judges what a session's device asserts for one action of the app, once: the step before money
         *     moves or a secret is shown.
         */
        readonly post: operations["assert_device"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/sessions/{session_id}/tokens": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        /** Takes the backend's rotated tokens for a live session. */
        readonly put: operations["replace_tokens"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/users/{user_id}/devices": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Lists any user's devices, newest first; a user never seen has none. */
        readonly get: operations["list_user_devices"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/users/{user_id}/devices/{device_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Removes a user's device: its session ends and it leaves the list. */
        readonly delete: operations["remove_user_device"];
        readonly options?: never;
        readonly head?: never;
        /** Gives a user's device a name. */
        readonly patch: operations["rename_user_device"];
        readonly trace?: never;
    };
    readonly "/v1/users/{user_id}/devices/{device_id}/logout": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Logs a user's device out; it stays in the list. */
        readonly post: operations["log_out_user_device"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/users/{user_id}/disable": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Disables a user: all sessions end, and nothing of the user is accepted until enabled. */
        readonly post: operations["disable_user"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/users/{user_id}/enable": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Lets a user log in again; ended sessions stay ended. */
        readonly post: operations["enable_user"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/users/{user_id}/unfreeze": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Lets the devices of a user change again who said of one that it was not theirs. */
        readonly post: operations["unfreeze_user"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/verify": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Judges a request that the backend received: which device is it, and may it go on? */
        readonly post: operations["verify"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        readonly AccessSeconds: number;
        /** @enum {string} */
        readonly Activation: "automatic" | "approval";
        /** @description What a backend or an admin says for a device. */
        readonly AddTrustEvidence: {
            /** @description `mfa`: the user confirmed it; `mdm`: it is managed. */
            readonly kind: components["schemas"]["TrustKind"];
            readonly note?: components["schemas"]["Reason"] | null;
            /** @description How long it counts: 60 seconds to 400 days. */
            readonly seconds: components["schemas"]["SessionSeconds"];
            readonly user_id?: components["schemas"]["UserId"] | null;
        };
        /** @description Whom a client lets in only after somebody has looked, and what bad proofs cost a device. */
        readonly AdmissionItem: {
            /**
             * @description Whether a new device comes into use at once, or when an admin approves it.
             * @default automatic
             */
            readonly activation: components["schemas"]["Activation"];
            /**
             * @description Whether a user with a banned device may log in on another one, or an admin has to approve it.
             * @default allow
             */
            readonly after_ban: components["schemas"]["AfterBan"];
            /**
             * @description How long a request for approval waits before it is rejected by itself: 60 seconds to 400 days.
             * @default 604800
             */
            readonly approval_seconds: components["schemas"]["SessionSeconds"];
            /**
             * @description What bad proofs cost.
             * @default {
             *       "limit": 5,
             *       "suspend_seconds": 600,
             *       "within_seconds": 600
             *     }
             */
            readonly bad_proofs: components["schemas"]["BadProofsItem"];
        };
        /** @description One token of the backend's own. */
        readonly AdoptedToken: {
            /** @description When it expires. */
            readonly expires_at: components["schemas"]["Timestamp"];
            /** @description SHA-256 of the token's text, in hexadecimal. */
            readonly sha256: components["schemas"]["Sha256"];
        };
        /** @description The backend's own tokens of one session. */
        readonly AdoptedTokens: {
            /** @description The access token. */
            readonly access: components["schemas"]["AdoptedToken"];
            readonly refresh?: components["schemas"]["AdoptedToken"] | null;
        };
        /** @enum {string} */
        readonly AfterBan: "allow" | "approval";
        /** @description Whose request it is. */
        readonly Allowed: {
            /** @description Always true. */
            readonly allowed: components["schemas"]["True"];
            /** @description How the user authenticated (RFC 8176). */
            readonly amr: readonly string[];
            /** @description The device's generation. */
            readonly app_id: components["schemas"]["AppId"];
            /** @description The app's version. */
            readonly app_version?: string | null;
            /** @description The client application. */
            readonly client_id: components["schemas"]["ClientId"];
            /** @description Whether the device meets the rules. */
            readonly compliance: components["schemas"]["Compliance"];
            /** @description The device. */
            readonly device_id: components["schemas"]["DeviceId"];
            /** @description The nonce for the device's next proof (`DPoP-Nonce`). */
            readonly dpop_nonce?: string | null;
            /** @description When the token expires. */
            readonly expires_at: components["schemas"]["Timestamp"];
            /** @description Whether the session is bound to a device key. */
            readonly key_bound: boolean;
            /** @description What the device is. */
            readonly platform: components["schemas"]["Platform"];
            /** @description The session. */
            readonly session_id: components["schemas"]["SessionId"];
            /** @description How far the device is trusted for the user. */
            readonly trust: components["schemas"]["TrustLevel"];
            /** @description The app's own id of the user. */
            readonly user_id: components["schemas"]["UserId"];
        };
        /** @description An app on Android. */
        readonly AndroidAppItem: {
            readonly min_version?: components["schemas"]["VersionCode"] | null;
            /** @description Its package name. */
            readonly package: components["schemas"]["Audience"];
            /** @description SHA-256 of the certificates that it may be signed with, 1 to 16. */
            readonly signing_digests: readonly components["schemas"]["Sha256"][];
        };
        /** @description Apps on Android, and what is demanded of the devices under them. */
        readonly AndroidAppsItem: {
            /** @description 1 to 16. */
            readonly apps: readonly components["schemas"]["AndroidAppItem"][];
            /** @description How old the list of revoked certificates may be: 60 seconds to 400 days, a week when absent. */
            readonly max_status_list_age_seconds?: components["schemas"]["SessionSeconds"];
            readonly min_os_patch_level?: components["schemas"]["PatchLevel"] | null;
            readonly play_integrity?: components["schemas"]["PlayIntegrityItem"] | null;
            /** @description Keys of systems that owners put in and that are believed (`verifiedBootKey`), at most 16. */
            readonly self_signed_boot_keys?: readonly components["schemas"]["Sha256"][];
        };
        /** @example key_01k6q2v7w8x9yzabcdefghjkmn */
        readonly ApiKeyId: string;
        /** @description One API key, without its secret. */
        readonly ApiKeyItem: {
            /** @description When it was made. */
            readonly created_at: components["schemas"]["Timestamp"];
            readonly expires_at?: components["schemas"]["Timestamp"] | null;
            /** @description Its identity. */
            readonly key_id: components["schemas"]["ApiKeyId"];
            /** @description What people call it. */
            readonly name: string;
            readonly revoked_at?: components["schemas"]["Timestamp"] | null;
            /** @description What it may do. */
            readonly scopes: readonly components["schemas"]["Scope"][];
        };
        /** @example app_01k6q2v7w8x9yzabcdefghjkmn */
        readonly AppId: string;
        /** @description An app on Apple's systems. */
        readonly AppleAppItem: {
            /** @description The team id, a full stop and the bundle id; on macOS the code's signing identifier. */
            readonly app_id: components["schemas"]["Audience"];
            /** @description `production` when absent. The other one's attestations are refused. */
            readonly environment?: components["schemas"]["AttestationEnvironment"];
            /** @description `ios` when absent, which stands for those that came from it too. */
            readonly platform?: components["schemas"]["ApplePlatform"];
        };
        /** @enum {string} */
        readonly ApplePlatform: "ios" | "macos";
        /** @description Rules to put in force: a file, or one that was applied before. */
        readonly ApplyRules: {
            readonly note?: components["schemas"]["Reason"] | null;
            readonly text?: components["schemas"]["RulesText"] | null;
            readonly version?: components["schemas"]["Sha256"] | null;
        };
        /** @enum {string} */
        readonly ApprovalCause: "activation" | "after_ban" | "limit";
        /** @example apr_01k6q2v7w8x9yzabcdefghjkmn */
        readonly ApprovalId: string;
        /** @description A new device, or a user on one, that waits for an admin or that one has looked at. */
        readonly ApprovalItem: {
            /** @description Its identity. */
            readonly approval_id: components["schemas"]["ApprovalId"];
            /** @description Since when. */
            readonly asked_at: components["schemas"]["Timestamp"];
            /** @description Why somebody has to look. */
            readonly cause: components["schemas"]["ApprovalCause"];
            /** @description The client application. */
            readonly client_id: components["schemas"]["ClientId"];
            readonly decided_at?: components["schemas"]["Timestamp"] | null;
            /** @description The device. */
            readonly device_id: components["schemas"]["DeviceId"];
            /** @description When it is rejected by itself. */
            readonly expires_at: components["schemas"]["Timestamp"];
            /** @description What came of it. */
            readonly state: components["schemas"]["ApprovalState"];
            readonly user_id?: components["schemas"]["UserId"] | null;
        };
        /**
         * @description What came of a request for approval.
         * @enum {string}
         */
        readonly ApprovalState: "pending" | "approved" | "rejected" | "expired";
        /** @description What a challenge is asked for. */
        readonly AskChallenge: {
            /** @description The client application. */
            readonly client_id: components["schemas"]["ClientId"];
            /** @description What the evidence that answers it is for. */
            readonly purpose: components["schemas"]["Purpose"];
        };
        /** @description What the device of a session asserts, for the action that the app's backend is about to do. */
        readonly Assert: {
            /**
             * @description The action in the app's own words, as backend and device both write it: 1 to 1024 characters.
             *     What the device asserted for another action is refused.
             */
            readonly action: components["schemas"]["SensitiveAction"];
            /** @description What the device made over the transcript, or the platform says of it. */
            readonly assertion: components["schemas"]["Assertion"];
            /** @description As it was given out, for `assert`. */
            readonly challenge: components["schemas"]["Challenge"];
        };
        /** @description An assertion that was accepted: it serves once. */
        readonly Asserted: {
            readonly attested_at?: components["schemas"]["Timestamp"] | null;
            /** @description Its device. */
            readonly device_id: components["schemas"]["DeviceId"];
            /** @description The session. */
            readonly session_id: components["schemas"]["SessionId"];
            /** @description Its user. */
            readonly user_id: components["schemas"]["UserId"];
            /** @description Whether the authenticator knew the user, where it tells. */
            readonly user_verified?: boolean | null;
            /** @description What the assertion is worth. */
            readonly verdict: components["schemas"]["Verdict"];
        };
        /** @description What a device asserts; bytes are unpadded base64url. */
        readonly Assertion: {
            /** @description A JWS of type `countersign-assertion+jwt` whose `transcript` is the hash of the transcript. */
            readonly jws: components["schemas"]["AssertionPart"];
            /** @enum {string} */
            readonly kind: "key";
        } | {
            /** @description What `generateAssertion` returned. */
            readonly assertion: components["schemas"]["AssertionPart"];
            /** @enum {string} */
            readonly kind: "app_attest";
        } | {
            /** @description `authenticatorData`. */
            readonly authenticator_data: components["schemas"]["AssertionPart"];
            /** @description `clientDataJSON`. */
            readonly client_data_json: components["schemas"]["AssertionPart"];
            /** @enum {string} */
            readonly kind: "webauthn";
            /** @description `signature`. */
            readonly signature: components["schemas"]["AssertionPart"];
        } | {
            /** @enum {string} */
            readonly kind: "play_integrity";
            /** @description The app that asked: its package name. */
            readonly package: components["schemas"]["Audience"];
            /** @description As Google handed it out. */
            readonly token: components["schemas"]["PlayToken"];
        };
        /** Format: password */
        readonly AssertionPart: string;
        /** @enum {string} */
        readonly AttestationEnvironment: "production" | "development";
        /** @enum {string} */
        readonly AttestationLevel: "none" | "software" | "authenticator" | "app" | "hardware" | "strongbox";
        /** @enum {string} */
        readonly AttestationMode: "off" | "telemetry" | "soft_fail" | "enforce";
        /** @description What a client demands of its devices' evidence. */
        readonly AttestationPolicyItem: {
            /** @default null */
            readonly android: components["schemas"]["AndroidAppsItem"] | null;
            /**
             * @description Apps that App Attest may vouch for, at most 16.
             * @default []
             */
            readonly apple: readonly components["schemas"]["AppleAppItem"][];
            /**
             * @description Demanded of enrollments and new keys.
             * @default {
             *       "level": "software",
             *       "mode": "off",
             *       "on_invalid": "refuse",
             *       "on_timeout": "refuse",
             *       "on_unevaluated": "refuse"
             *     }
             */
            readonly enroll: components["schemas"]["DemandItem"];
            /**
             * @description Demanded of logins.
             * @default {
             *       "level": "software",
             *       "mode": "off",
             *       "on_invalid": "refuse",
             *       "on_timeout": "refuse",
             *       "on_unevaluated": "refuse"
             *     }
             */
            readonly login: components["schemas"]["DemandItem"];
            /**
             * @description Demanded of refreshes.
             * @default {
             *       "level": "software",
             *       "mode": "off",
             *       "on_invalid": "refuse",
             *       "on_timeout": "refuse",
             *       "on_unevaluated": "refuse"
             *     }
             */
            readonly refresh: components["schemas"]["DemandItem"];
            /**
             * @description Demanded of what a device asserts for one action of its app.
             * @default {
             *       "level": "software",
             *       "mode": "off",
             *       "on_invalid": "refuse",
             *       "on_timeout": "refuse",
             *       "on_unevaluated": "refuse"
             *     }
             */
            readonly sensitive: components["schemas"]["DemandItem"];
            /** @default null */
            readonly web: components["schemas"]["WebPagesItem"] | null;
        };
        readonly Audience: string;
        readonly AuthenticationMethod: string;
        /** @description How many bad proofs suspend a device, and for how long. */
        readonly BadProofsItem: {
            /**
             * Format: int64
             * @description How many, at most 1000; 0 for never. Only those count whose request had a live token too.
             * @default 5
             */
            readonly limit: number;
            /**
             * @description How long the first suspension lasts: 60 seconds to a day; each that follows lasts twice as long
             *     as the one before, up to a day.
             * @default 600
             */
            readonly suspend_seconds: components["schemas"]["DaySeconds"];
            /**
             * @description Within how long: 60 seconds to a day.
             * @default 600
             */
            readonly within_seconds: components["schemas"]["DaySeconds"];
        };
        /** @example ban_01k6q2v7w8x9yzabcdefghjkmn */
        readonly BanId: string;
        /** @description One ban, in force or lifted. */
        readonly BanItem: {
            /** @description Its identity. */
            readonly ban_id: components["schemas"]["BanId"];
            /** @description Since when. */
            readonly banned_at: components["schemas"]["Timestamp"];
            readonly client_id?: components["schemas"]["ClientId"] | null;
            /** @description Whether the machine is refused too, also under another key. */
            readonly covers_hardware: boolean;
            readonly device_id?: components["schemas"]["DeviceId"] | null;
            /**
             * Format: int64
             * @description How many sessions ended; in the answer to banning.
             */
            readonly ended?: number | null;
            readonly jkt?: components["schemas"]["Thumbprint"] | null;
            readonly lifted_at?: components["schemas"]["Timestamp"] | null;
            /** @description What was written about it. */
            readonly reason?: string | null;
            readonly receipt?: components["schemas"]["EndingReceipt"] | null;
            /** @description What it is about. */
            readonly scope: components["schemas"]["BanScope"];
            readonly user_id?: components["schemas"]["UserId"] | null;
        };
        /** @enum {string} */
        readonly BanScope: "device" | "key" | "user_on_device";
        readonly Base64Url: string;
        readonly Challenge: string;
        /** @description A device reports in. */
        readonly CheckIn: {
            /** @description What it says of itself: a compact JWS by its key, at most 8 KiB. */
            readonly report: components["schemas"]["Token"];
        };
        /** @description What a device that reported in is told. */
        readonly CheckedIn: {
            /** @description Where it stands by the rules. */
            readonly compliance: components["schemas"]["DeviceCompliance"];
            /**
             * Format: int64
             * @description Seconds until it should report again.
             */
            readonly next_in: number;
        };
        /** @description What a verifier checks tokens and proofs with. */
        readonly CheckingKeys: {
            /** @description Names these keys in the next question. */
            readonly id: string;
            /** @description `iss` of the access tokens. */
            readonly issuer: string;
            /** @description What nonces are made and known with: 32 bytes, base64url. */
            readonly nonce_key: components["schemas"]["Secret"];
            /** @description The published signing keys. */
            readonly signing_keys: readonly components["schemas"]["Jwk"][];
        };
        /** @example cli_01k6q2v7w8x9yzabcdefghjkmn */
        readonly ClientId: string;
        /** @description One client application. */
        readonly ClientItem: {
            /** @description Whom it lets in only after somebody has looked, and what bad proofs cost. */
            readonly admission: components["schemas"]["AdmissionItem"];
            /** @description What its devices have to show of themselves. */
            readonly attestation: components["schemas"]["AttestationPolicyItem"];
            /** @description `aud` of its access tokens. */
            readonly audience: string;
            /** @description Its identity. */
            readonly client_id: components["schemas"]["ClientId"];
            /** @description When it was registered. */
            readonly created_at: components["schemas"]["Timestamp"];
            readonly disabled_at?: components["schemas"]["Timestamp"] | null;
            /** @description Issuers whose ID tokens log its users in. */
            readonly issuers: readonly components["schemas"]["TrustedIssuerItem"][];
            /** @description How long its sessions and tokens live. */
            readonly lifetimes: components["schemas"]["LifetimesItem"];
            /** @description How many devices its users may have. */
            readonly limits: components["schemas"]["DeviceLimitsItem"];
            /** @description What people call it. */
            readonly name: string;
            /** @description When its devices must put a server nonce into their proofs. */
            readonly nonce_policy: components["schemas"]["NoncePolicy"];
            /** @description Origins whose URLs a proof may name. */
            readonly origins: readonly components["schemas"]["Origin"][];
            /** @description What its devices are. */
            readonly platform: components["schemas"]["Platform"];
            /** @description Whether its devices must have a key. */
            readonly proof_of_possession: components["schemas"]["ProofOfPossession"];
            readonly receipt?: components["schemas"]["EndingReceipt"] | null;
            /** @description What counts as a confirmation of a device by its user. */
            readonly trust: components["schemas"]["TrustPolicyItem"];
            /**
             * Format: int64
             * @description Counts changes; the number in the `ETag`.
             */
            readonly version: number;
        };
        /** @enum {string} */
        readonly Compliance: "compliant" | "in_grace" | "non_compliant" | "unknown" | "unevaluated";
        /** @description A rule that a device does not meet, or of which nobody can say. */
        readonly ComplianceIssue: {
            /** @description What comes of failing it. */
            readonly effect: components["schemas"]["Effect"];
            readonly failing_since?: components["schemas"]["Timestamp"] | null;
            /** @description What the user is to be told. */
            readonly message?: string | null;
            /** @description What the device has, as it was reported. */
            readonly observed?: string | null;
            readonly reason?: components["schemas"]["UnknownReason"] | null;
            /** @description What it asks. */
            readonly required: string;
            /** @description `fail` or `unknown`. */
            readonly result: components["schemas"]["ResultKind"];
            /** @description The rule's name. */
            readonly rule: string;
        };
        /** @description The key that a token is bound to. */
        readonly Confirmation: {
            /** @description Thumbprint of the key (RFC 7638). */
            readonly jkt: string;
        };
        /** @description The devices that count against a limit. */
        readonly CountedDevices: {
            /** @description Those that were not used for longest, at most 100. */
            readonly data: readonly components["schemas"]["DeviceItem"][];
            /** @description How many count in all, and may. */
            readonly limit: components["schemas"]["DeviceLimit"];
        };
        /** @description An API key to make. */
        readonly CreateApiKey: {
            readonly expires_at?: components["schemas"]["Timestamp"] | null;
            /** @description 1 to 120 characters. */
            readonly name: components["schemas"]["Name"];
            /** @description At least one, each once. */
            readonly scopes: components["schemas"]["Scopes"];
        };
        /** @description What is to stay refused: a device, one user on it, or a key that may never have been seen. */
        readonly CreateBan: {
            readonly device_id?: components["schemas"]["DeviceId"] | null;
            readonly jkt?: components["schemas"]["Thumbprint"] | null;
            readonly reason?: components["schemas"]["Reason"] | null;
            readonly user_id?: components["schemas"]["UserId"] | null;
        };
        /** @description A client to register. */
        readonly CreateClient: {
            readonly admission?: components["schemas"]["AdmissionItem"] | null;
            readonly attestation?: components["schemas"]["AttestationPolicyItem"] | null;
            /** @description `aud` of its access tokens, 1 to 255 characters. */
            readonly audience: components["schemas"]["Audience"];
            /** @description Issuers whose ID tokens log its users in, at most 8, each once. */
            readonly issuers?: readonly components["schemas"]["TrustedIssuerItem"][];
            readonly lifetimes?: components["schemas"]["LifetimesChange"] | null;
            readonly limits?: components["schemas"]["DeviceLimitsItem"] | null;
            /** @description 1 to 120 characters. */
            readonly name: components["schemas"]["Name"];
            readonly nonce_policy?: components["schemas"]["NoncePolicy"] | null;
            /** @description At most 32. */
            readonly origins?: readonly components["schemas"]["Origin"][];
            /** @description What its devices are. */
            readonly platform: components["schemas"]["Platform"];
            readonly preset?: components["schemas"]["Preset"] | null;
            readonly proof_of_possession?: components["schemas"]["ProofOfPossession"] | null;
            readonly trust?: components["schemas"]["TrustPolicyItem"] | null;
        };
        /** @description A new API key with its secret, which is shown this once. */
        readonly CreatedApiKey: {
            /** @description When it was made. */
            readonly created_at: components["schemas"]["Timestamp"];
            readonly expires_at?: components["schemas"]["Timestamp"] | null;
            /** @description Its identity. */
            readonly key_id: components["schemas"]["ApiKeyId"];
            /** @description What people call it. */
            readonly name: string;
            /** @description What it may do. */
            readonly scopes: readonly components["schemas"]["Scope"][];
            /** @description The secret, `csak_…`. */
            readonly secret: components["schemas"]["Secret"];
        };
        readonly DaySeconds: number;
        /** @description What one kind of action demands. */
        readonly DemandItem: {
            /**
             * @description The least that has to be shown.
             * @default software
             */
            readonly level: components["schemas"]["AttestationLevel"];
            /** @default null */
            readonly max_age_seconds: components["schemas"]["SessionSeconds"] | null;
            /**
             * @description `off`: evidence is not looked at. `telemetry`: it is judged and kept, nobody is refused.
             *     `soft_fail`: only evidence that is wrong is refused. `enforce`: whoever does not show what is
             *     demanded is refused.
             * @default off
             */
            readonly mode: components["schemas"]["AttestationMode"];
            /**
             * @description Under `soft_fail`: what becomes of evidence that is wrong.
             * @default refuse
             */
            readonly on_invalid: components["schemas"]["Reaction"];
            /**
             * @description Under `enforce`: where the platform's own service does not answer.
             * @default refuse
             */
            readonly on_timeout: components["schemas"]["Reaction"];
            /**
             * @description Under `enforce`: of evidence that cannot be judged, for want of a list, key or root.
             * @default refuse
             */
            readonly on_unevaluated: components["schemas"]["Reaction"];
        };
        /** @description Where a device stands by the rules. */
        readonly DeviceCompliance: {
            /** @description Whether it counts as meeting the rules, grace included. */
            readonly compliant: boolean;
            /** @description The device. */
            readonly device_id: components["schemas"]["DeviceId"];
            /** @description When it was judged. */
            readonly evaluated_at: components["schemas"]["Timestamp"];
            readonly grace_until?: components["schemas"]["Timestamp"] | null;
            /** @description The rules that it does not meet, or of which nobody can say. */
            readonly issues: readonly components["schemas"]["ComplianceIssue"][];
            readonly reported_at?: components["schemas"]["Timestamp"] | null;
            /** @description SHA-256 of the rules' text. */
            readonly rules_version: components["schemas"]["Sha256"];
            readonly source?: components["schemas"]["PostureSource"] | null;
            /** @description Where it stands. */
            readonly status: components["schemas"]["Compliance"];
        };
        /** @description How a past device ended. */
        readonly DeviceEnd: {
            /** @description When. */
            readonly at: components["schemas"]["Timestamp"];
            /** @description Why. */
            readonly cause: components["schemas"]["EndCause"];
        };
        /** @example dev_01k6q2v7w8x9yzabcdefghjkmn */
        readonly DeviceId: string;
        /** @enum {string} */
        readonly DeviceIntegrity: "basic" | "device" | "strong" | "virtual";
        /** @description One device of a user. */
        readonly DeviceItem: {
            /**
             * Format: int32
             * @description How many live sessions the user has on it.
             */
            readonly active_sessions: number;
            /** @description Its current generation. */
            readonly app_id: components["schemas"]["AppId"];
            /** @description The app's version. */
            readonly app_version?: string | null;
            /** @description The client application. */
            readonly client_id: components["schemas"]["ClientId"];
            /** @description When the user first logged in on it. */
            readonly created_at: components["schemas"]["Timestamp"];
            /** @description Its identity. */
            readonly device_id: components["schemas"]["DeviceId"];
            /** @description Whether it says that its storage is encrypted. */
            readonly encryption: components["schemas"]["Encryption"];
            readonly ended?: components["schemas"]["DeviceEnd"] | null;
            /** @description Whether it makes this very request. */
            readonly is_current: boolean;
            /** @description Whether the user had a device with the same fingerprint when it came. */
            readonly is_recognised: boolean;
            /** @description Whether it has a key. */
            readonly key_bound: boolean;
            readonly last_seen?: components["schemas"]["LastSeen"] | null;
            /** @description When the user was last active on it. */
            readonly last_seen_at: components["schemas"]["Timestamp"];
            /** @description Hardware model. */
            readonly model?: string | null;
            /** @description The user's name for it, else its own. */
            readonly name?: string | null;
            /** @description Operating system version. */
            readonly os_version?: string | null;
            /** @description What it is. */
            readonly platform: components["schemas"]["Platform"];
            /** @description Where it stands. */
            readonly state: components["schemas"]["DeviceState"];
            /** @description How far it is trusted for the user. */
            readonly trust: components["schemas"]["TrustLevel"];
        };
        /** @description How many devices a user has and may have. */
        readonly DeviceLimit: {
            /**
             * Format: int32
             * @description The most; absent when there is no limit.
             */
            readonly max?: number | null;
            /**
             * Format: int32
             * @description Devices that count.
             */
            readonly used: number;
        };
        /** @description How many devices a user may have. */
        readonly DeviceLimitsItem: {
            /** @default null */
            readonly max: components["schemas"]["MaxDevices"] | null;
            /**
             * @description What a login on one more means.
             * @default reject
             */
            readonly overflow: components["schemas"]["Overflow"];
            /**
             * @description Limits of users in a role instead, at most 100, each role once; the most generous one counts.
             * @default []
             */
            readonly roles: readonly components["schemas"]["RoleLimitItem"][];
            /**
             * @description Limits of single users instead, whatever their roles, at most 100, each user once.
             * @default []
             */
            readonly users: readonly components["schemas"]["UserLimitItem"][];
        };
        /** @description A device as admins see it. */
        readonly DeviceRecord: {
            /** @description Its current generation. */
            readonly app_id: components["schemas"]["AppId"];
            readonly approval?: components["schemas"]["ApprovalItem"] | null;
            /** @description Bans in force that name it, newest first, at most 100. */
            readonly bans: readonly components["schemas"]["BanItem"][];
            /** @description The client application. */
            readonly client_id: components["schemas"]["ClientId"];
            /** @description When it first came. */
            readonly created_at: components["schemas"]["Timestamp"];
            /** @description Its identity. */
            readonly device_id: components["schemas"]["DeviceId"];
            readonly evidence?: components["schemas"]["EvidenceItem"] | null;
            /**
             * Format: int64
             * @description Which generation that is, from 1.
             */
            readonly generation: number;
            /** @description Whether its platform attests which machine it is, so that a ban survives a reinstall. */
            readonly hardware_identity: components["schemas"]["HardwareKnowledge"];
            /** @description The UUID that the app keeps. */
            readonly installation_id: components["schemas"]["InstallationId"];
            readonly jkt?: components["schemas"]["Thumbprint"] | null;
            /** @description When it last came. */
            readonly last_seen_at: components["schemas"]["Timestamp"];
            /** @description Who has it now, at most 100. */
            readonly owners: readonly components["schemas"]["Owner"][];
            /** @description What it is. */
            readonly platform: components["schemas"]["Platform"];
            /** @description Where it stands. */
            readonly state: components["schemas"]["DeviceState"];
            readonly suspended_until?: components["schemas"]["Timestamp"] | null;
            /** @description What speaks or spoke for it, the newest first, at most 100. */
            readonly trust_evidence: readonly components["schemas"]["TrustEvidenceItem"][];
        };
        /** @description What a device says of itself. */
        readonly DeviceReport: {
            readonly app_version?: components["schemas"]["Version"] | null;
            readonly device_secret?: components["schemas"]["StoredSecret"] | null;
            readonly encryption?: components["schemas"]["Encryption"] | null;
            readonly fingerprint?: components["schemas"]["Sha256"] | null;
            /** @description The UUID that the app made and keeps. */
            readonly installation_id: components["schemas"]["InstallationId"];
            readonly model?: components["schemas"]["Name"] | null;
            readonly name?: components["schemas"]["Name"] | null;
            readonly os_version?: components["schemas"]["Version"] | null;
            readonly push?: components["schemas"]["PushAddress"] | null;
        };
        /** @description Where a device stands after a call that changed it. */
        readonly DeviceStanding: {
            /** @description The device. */
            readonly device_id: components["schemas"]["DeviceId"];
            /**
             * Format: int64
             * @description How many sessions the call ended.
             */
            readonly ended: number;
            readonly receipt?: components["schemas"]["EndingReceipt"] | null;
            /** @description Where it stands. */
            readonly state: components["schemas"]["DeviceState"];
        };
        /** @enum {string} */
        readonly DeviceState: "active" | "suspended" | "revoked" | "banned";
        /** @enum {string} */
        readonly DiskEncryption: "encrypted" | "encrypted_key_exposed" | "partial" | "unencrypted" | "unsupported" | "unknown";
        /** @enum {string} */
        readonly Effect: "report" | "warn" | "downgrade" | "block";
        /** @enum {string} */
        readonly Encryption: "enabled" | "disabled" | "unknown";
        /** @enum {string} */
        readonly EndCause: "attestation_lost" | "client_disabled" | "device_banned" | "device_revoked" | "device_unenrolled" | "ended_others" | "evicted" | "expired" | "key_replaced" | "logout" | "refresh_reuse" | "remote_logout" | "removed" | "replaced" | "token_revoked" | "user_disabled";
        /** @description What an ending ended. */
        readonly Ended: {
            /**
             * Format: int64
             * @description How many sessions; 0 when there was none left to end.
             */
            readonly ended: number;
            readonly receipt?: components["schemas"]["EndingReceipt"] | null;
        };
        /** @description A session that ended. */
        readonly EndedSession: {
            /** @description Why. */
            readonly cause: components["schemas"]["EndingCause"];
            /** @description The session. */
            readonly session_id: components["schemas"]["SessionId"];
            /** @description No token of it is valid from here on. */
            readonly until: components["schemas"]["Timestamp"];
        };
        /** @enum {string} */
        readonly EndingCause: "logout" | "remote_logout" | "removed" | "evicted" | "device_revoked" | "device_banned" | "ended_others" | "replaced" | "user_disabled" | "device_unenrolled" | "key_replaced" | "attestation_lost" | "refresh_reuse" | "token_revoked" | "expired" | "client_disabled";
        /** @description Who can no longer accept what ended, and how that is known. */
        readonly EndingReceipt: {
            /** @description The nodes that said that they have it, each with all of its verifiers. */
            readonly acknowledged: readonly components["schemas"]["NodeId"][];
            /** @description From when on no node and no verifier accepts what ended. */
            readonly at: components["schemas"]["Timestamp"];
            /** @description Whether the list of nodes could be read; if not, every lease was waited for. */
            readonly is_complete: boolean;
            /** @description The nodes that said nothing, and whose leases from before it have ended. */
            readonly lapsed: readonly components["schemas"]["NodeId"][];
            /**
             * @description The same facts with what ended, signed by the service: a JWS of type `ending-receipt+jwt`.
             *     Absent while no key may sign; the ending holds all the same.
             */
            readonly signature?: string | null;
            /**
             * Format: int64
             * @description How long all of that took after the commit.
             */
            readonly waited_ms: number;
        };
        /** @example https://login.example/keys */
        readonly EndpointUrl: string;
        /** @description A device that enrolls, with its proof in the `DPoP` header. */
        readonly Enroll: {
            /** @description As it was given out. */
            readonly challenge: components["schemas"]["Challenge"];
            /** @description The client application. */
            readonly client_id: components["schemas"]["ClientId"];
            /** @description The device; without a push address or a device secret. */
            readonly device: components["schemas"]["DeviceReport"];
            readonly evidence?: components["schemas"]["Evidence"] | null;
        };
        /** @description A device that is enrolled now. */
        readonly Enrolled: {
            /** @description Its generation. */
            readonly app_id: components["schemas"]["AppId"];
            /** @description Its identity. */
            readonly device_id: components["schemas"]["DeviceId"];
            /** @description The installation id to keep; another than the presented one if that is taken. */
            readonly installation_id: components["schemas"]["InstallationId"];
            /** @description Whether it was never seen before. */
            readonly is_new_device: boolean;
            /** @description Whether it is in use, or waits for approval. */
            readonly state: components["schemas"]["EnrollmentState"];
            /** @description What its evidence is worth. */
            readonly verdict: components["schemas"]["Verdict"];
        };
        /** @enum {string} */
        readonly EnrollmentState: "active" | "pending_approval";
        /** @enum {string} */
        readonly ErrorCode: "invalid_request" | "unsupported_grant_type" | "unauthenticated" | "token_invalid" | "token_expired" | "session_ended" | "session_expired" | "client_ended" | "proof_required" | "scheme_mismatch" | "proof_invalid" | "proof_mismatch" | "proof_expired" | "proof_replayed" | "use_dpop_nonce" | "key_mismatch" | "refresh_invalid" | "refresh_superseded" | "refresh_reused" | "device_removed" | "device_evicted" | "ticket_invalid" | "report_mismatch" | "client_unknown" | "challenge_unknown" | "challenge_expired" | "challenge_mismatch" | "issuer_not_trusted" | "id_token_invalid" | "id_token_expired" | "id_token_audience_mismatch" | "id_token_nonce_mismatch" | "id_token_used" | "insufficient_scope" | "proxy_not_trusted" | "forwarded_request_invalid" | "user_disabled" | "client_disabled" | "device_suspended" | "device_revoked" | "device_banned" | "account_frozen" | "device_limit_reached" | "approval_pending" | "approval_rejected" | "attestation_required" | "attestation_invalid" | "attestation_insufficient" | "key_retired" | "insufficient_trust" | "not_compliant" | "key_required" | "not_found" | "method_not_allowed" | "conflict" | "report_replayed" | "token_ended" | "version_mismatch" | "payload_too_large" | "unsupported_media_type" | "rate_limited" | "internal" | "timeout" | "attestation_unavailable" | "issuer_unavailable" | "unavailable" | "outcome_unknown" | "storage_full";
        /** @description A device that made room for another one of its user. */
        readonly EvictedDevice: {
            /** @description The device. */
            readonly device_id: components["schemas"]["DeviceId"];
            /** @description When the user was last active on it. */
            readonly last_seen_at: components["schemas"]["Timestamp"];
            /** @description The user's own name for it. */
            readonly name?: string | null;
        };
        /** @description What a platform says of a device and its key; bytes are unpadded base64url. */
        readonly Evidence: {
            /** @description What `attestKey` returned. */
            readonly attestation: components["schemas"]["Base64Url"];
            /** @description The key's id as the system gave it: standard base64. */
            readonly key_id: string;
            /** @enum {string} */
            readonly platform: "app_attest";
        } | {
            /** @description The key's first, at most 10. */
            readonly certificates: readonly components["schemas"]["Base64Url"][];
            /** @enum {string} */
            readonly platform: "android_key";
        } | {
            /** @description The app that asked: its package name. */
            readonly package: components["schemas"]["Audience"];
            /** @enum {string} */
            readonly platform: "play_integrity";
            /**
             * @description As Google handed it out: of a classic request where the client has response keys, of a
             *     standard one where it has a service account.
             */
            readonly token: components["schemas"]["PlayToken"];
        } | {
            /** @description `attestationObject`. */
            readonly attestation_object: components["schemas"]["Base64Url"];
            /** @description `clientDataJSON`. */
            readonly client_data_json: components["schemas"]["Base64Url"];
            /** @enum {string} */
            readonly platform: "webauthn";
        };
        /** @description What a device showed, and what came of judging it last. */
        readonly EvidenceItem: {
            /** @description What it shows, in the platform's own terms. */
            readonly facts?: unknown;
            /** @description The check that it failed. */
            readonly failed_check?: string | null;
            /** @description When it was judged last. */
            readonly judged_at: components["schemas"]["Timestamp"];
            /** @description What it is worth. */
            readonly level: components["schemas"]["AttestationLevel"];
            /** @description When. */
            readonly presented_at: components["schemas"]["Timestamp"];
            /** @description What it was shown for. */
            readonly purpose: components["schemas"]["Purpose"];
            readonly shortfall?: components["schemas"]["Shortfall"] | null;
        };
        /** @enum {boolean} */
        readonly False: false;
        /** @description What is new, and for how long it may be relied on. */
        readonly FeedAnswer: {
            /** @description Everything after what it has; absent when it must begin anew. */
            readonly entries?: readonly components["schemas"]["FeedItem"][] | null;
            readonly keys?: components["schemas"]["CheckingKeys"] | null;
            /** @description The node's process. */
            readonly node_id: components["schemas"]["NodeId"];
            /**
             * Format: int64
             * @description What remains of the node's lease, in microseconds, counted from before the question was
             *     sent; 0 for a verifier that begins anew.
             */
            readonly remains_us: number;
            /** @description To begin anew: forget everything, then refuse these sessions. */
            readonly reset?: readonly components["schemas"]["EndedSession"][] | null;
            /**
             * Format: int64
             * @description Up to which batch this is.
             */
            readonly upto: number;
        };
        /** @example fed_01k6q2v7w8x9yzabcdefghjkmn */
        readonly FeedEntryId: string;
        /** @description One entry: what ended, or what is to be forgotten. */
        readonly FeedItem: components["schemas"]["FeedItemEvent"] & {
            /** @description Names the entry. */
            readonly id: components["schemas"]["FeedEntryId"];
        };
        /** @description What an entry reports. */
        readonly FeedItemEvent: (components["schemas"]["EndedSession"] & {
            /** @enum {string} */
            readonly kind: "ended";
        }) | {
            /** @enum {string} */
            readonly kind: "session";
            /** @description The session. */
            readonly session_id: components["schemas"]["SessionId"];
        } | {
            /** @description The client. */
            readonly client_id: components["schemas"]["ClientId"];
            /** @enum {string} */
            readonly kind: "client";
        } | {
            /** @description The API key. */
            readonly key_id: components["schemas"]["ApiKeyId"];
            /** @enum {string} */
            readonly kind: "api_key";
        } | {
            /** @enum {string} */
            readonly kind: "signing_keys";
        };
        /** @description A place in what one node has applied. */
        readonly FeedPosition: {
            /** @description The node's process. */
            readonly node_id: components["schemas"]["NodeId"];
            /**
             * Format: int64
             * @description The number of its batch.
             */
            readonly upto: number;
        };
        /** @description A verifier's question: what is new? */
        readonly FeedRequest: {
            readonly has?: components["schemas"]["FeedPosition"] | null;
            /** @description The keys it has, as an answer named them. */
            readonly keys_id?: string | null;
            /** @description The verifier's process; another one after each start. */
            readonly verifier_id: components["schemas"]["VerifierId"];
            /**
             * Format: int64
             * @description How long to wait for news, in milliseconds.
             */
            readonly wait_ms?: number;
        };
        /** @description Sessions whose requests a verifier let through. */
        readonly FeedSeenRequest: {
            /** @description At most 500, each with its newest activity. */
            readonly seen: readonly components["schemas"]["SeenSession"][];
        };
        /** @description What there is, as of now; nothing where there is none. */
        readonly FeedSessionAnswer: {
            /** @description The node that read it: of no use to a verifier that follows another. */
            readonly node_id: components["schemas"]["NodeId"];
            readonly session?: components["schemas"]["SessionFacts"] | null;
            readonly token?: components["schemas"]["TokenFacts"] | null;
        };
        /** @description Which session to read: one by its id, or that of a token of the app's own. */
        readonly FeedSessionRequest: {
            readonly session_id?: components["schemas"]["SessionId"] | null;
            readonly token_sha256?: components["schemas"]["Sha256"] | null;
        };
        /** @description One thing that is wrong with a request. */
        readonly FieldError: {
            /** @description What is wrong with it. */
            readonly detail: string;
            /**
             * @description Where: a JSON pointer into the body (RFC 6901), or `?name` for a query parameter.
             * @example /device/name
             */
            readonly pointer: string;
        };
        /** @enum {string} */
        readonly GrantType: "urn:ietf:params:oauth:grant-type:token-exchange" | "refresh_token";
        /** @description What speaks for a device and one of its users, each with the time at which it lapses. */
        readonly GroundsFacts: {
            /** @description Whether the device meets the rules. */
            readonly compliance: components["schemas"]["Compliance"];
            readonly compliance_until?: components["schemas"]["Timestamp"] | null;
            readonly confirmed_until?: components["schemas"]["Timestamp"] | null;
            readonly managed_until?: components["schemas"]["Timestamp"] | null;
        };
        /**
         * @description Whether a platform attests which machine a device is.
         * @enum {string}
         */
        readonly HardwareKnowledge: "none" | "attested";
        readonly IdTokenAlgorithms: readonly ("ES256" | "ES384" | "RS256" | "PS256" | "EdDSA")[];
        /** @enum {string} */
        readonly IdTokenNonce: "optional" | "key";
        /** Format: uuid */
        readonly InstallationId: string;
        /** @description What a token is worth (RFC 7662 section 2.2); only `active` when it is worth nothing. */
        readonly Introspection: {
            /** @description Whether the token is valid and its session live. */
            readonly active: boolean;
            /** @description How the user authenticated (RFC 8176). */
            readonly amr?: readonly string[];
            readonly app_id?: components["schemas"]["AppId"] | null;
            /** @description Whom the token is for. */
            readonly aud?: string | null;
            readonly client_id?: components["schemas"]["ClientId"] | null;
            readonly cnf?: components["schemas"]["Confirmation"] | null;
            readonly device_id?: components["schemas"]["DeviceId"] | null;
            /**
             * Format: int64
             * @description When it expires, in seconds since the epoch.
             */
            readonly exp?: number | null;
            /**
             * Format: int64
             * @description When it was issued, in seconds since the epoch.
             */
            readonly iat?: number | null;
            /** @description Who issued the token. */
            readonly iss?: string | null;
            /** @description The token's own id. */
            readonly jti?: string | null;
            readonly platform?: components["schemas"]["Platform"] | null;
            readonly sid?: components["schemas"]["SessionId"] | null;
            readonly sub?: components["schemas"]["UserId"] | null;
            readonly token_type?: components["schemas"]["TokenType"] | null;
            readonly trust?: components["schemas"]["TrustLevel"] | null;
        };
        /** @example 203.0.113.7 */
        readonly IpAddress: string;
        /** @example https://login.example */
        readonly IssuerUrl: string;
        /** @description One public P-256 key (RFC 7518 section 6.2.1). */
        readonly Jwk: {
            /** @description `ES256`. */
            readonly alg: string;
            /** @description `P-256`. */
            readonly crv: string;
            /** @description Names the key in a token's header. */
            readonly kid: string;
            /** @description `EC`. */
            readonly kty: string;
            /** @description `sig`. */
            readonly use: string;
            /** @description The x coordinate, base64url. */
            readonly x: string;
            /** @description The y coordinate, base64url. */
            readonly y: string;
        };
        /** @description The keys that access tokens are signed with. */
        readonly Jwks: {
            /** @description Current, coming and recently retired ones. */
            readonly keys: readonly components["schemas"]["Jwk"][];
        };
        /** @description Where a device was seen. */
        readonly LastSeen: {
            /** @description City, when a `GeoIP` database is configured. */
            readonly city?: string | null;
            /** @description ISO 3166-1 country code, likewise. */
            readonly country?: string | null;
            readonly ip?: components["schemas"]["IpAddress"] | null;
        };
        /** @description Single lifetimes in seconds; what is absent stays as it is. */
        readonly LifetimesChange: {
            /** @default null */
            readonly absolute_seconds: components["schemas"]["SessionSeconds"] | null;
            /** @default null */
            readonly access_seconds: components["schemas"]["AccessSeconds"] | null;
            /** @default null */
            readonly idle_seconds: components["schemas"]["SessionSeconds"] | null;
        };
        /** @description Lifetimes in seconds. */
        readonly LifetimesItem: {
            /**
             * Format: int64
             * @description A session ends this long after its login: at most 400 days.
             */
            readonly absolute_seconds: number;
            /**
             * Format: int64
             * @description Of an access token: 30 to 3600.
             */
            readonly access_seconds: number;
            /**
             * Format: int64
             * @description A session ends after this long without activity: 60 to `absolute_seconds`.
             */
            readonly idle_seconds: number;
        };
        /** @description What a refused login gets: it lets the user see the devices that count, and remove one. */
        readonly LimitTicketItem: {
            /** @description Until when; it is used up by one removal. */
            readonly expires_at: components["schemas"]["Timestamp"];
            /** @description To be presented at `/v1/limit-tickets/…`, by the device that was refused. */
            readonly ticket: components["schemas"]["Secret"];
        };
        /** @description The ticket of a user who wants to see the devices that count. */
        readonly ListWithTicket: {
            /** @description The ticket. */
            readonly ticket: components["schemas"]["StoredSecret"];
        };
        readonly MaxDevices: number;
        /** @example GET */
        readonly Method: string;
        readonly Name: string;
        /** @description A challenge: it serves once, for its client and purpose. */
        readonly NewChallenge: {
            /** @description Unpadded base64url of 32 bytes. */
            readonly challenge: components["schemas"]["Challenge"];
            /** @description Until when it may be answered. */
            readonly expires_at: components["schemas"]["Timestamp"];
        };
        /** @example node_01k6q2v7w8x9yzabcdefghjkmn */
        readonly NodeId: string;
        /** @description A process that may answer, as its row has it. */
        readonly NodeItem: {
            /**
             * @description What of the feed it and its verifiers have, as PostgreSQL writes a `pg_snapshot`; absent
             *     before its second renewal.
             * @example 812:814:812
             */
            readonly acknowledged?: string | null;
            /** @description The machine it runs on. */
            readonly host: string;
            /** @description Whether it is the node that was asked. */
            readonly is_this: boolean;
            /** @description When it joined. */
            readonly joined_at: components["schemas"]["Timestamp"];
            /** @description Its process; another one after each start. */
            readonly node_id: components["schemas"]["NodeId"];
            /**
             * Format: int64
             * @description For how long the node that was asked has not seen it renew. A node renews four times a
             *     second; the row of one that does not for 2.2 seconds is deleted.
             */
            readonly still_for_ms: number;
            /** @description The program's version. */
            readonly version: string;
        };
        /** @description Who takes part, as one node sees it. */
        readonly NodeList: {
            /** @description Every process that may answer, by its id. */
            readonly nodes: readonly components["schemas"]["NodeItem"][];
            /** @description The verifiers and sidecars that follow the node that was asked; others follow other nodes. */
            readonly verifiers: readonly components["schemas"]["VerifierItem"][];
        };
        /** @enum {string} */
        readonly NoncePolicy: "when_needed" | "always";
        /** @description An error of the OAuth endpoints (RFC 6749 section 5.2). */
        readonly OAuthError: {
            /** @description The closed code to branch on: it says more than `error`. */
            readonly code: components["schemas"]["ErrorCode"];
            /**
             * @description The error of the standard.
             * @example invalid_grant
             */
            readonly error: string;
            /** @description What happened, for developers. */
            readonly error_description: string;
            /** @description Names the request in the server's log; also in `X-Request-Id`. */
            readonly request_id?: string;
            readonly ticket?: components["schemas"]["LimitTicketItem"] | null;
        };
        /** @description One page of a list that is read by its position. */
        readonly OffsetPage_ApiKeyItem: {
            /** @description The entries. */
            readonly data: readonly {
                /** @description When it was made. */
                readonly created_at: components["schemas"]["Timestamp"];
                readonly expires_at?: components["schemas"]["Timestamp"] | null;
                /** @description Its identity. */
                readonly key_id: components["schemas"]["ApiKeyId"];
                /** @description What people call it. */
                readonly name: string;
                readonly revoked_at?: components["schemas"]["Timestamp"] | null;
                /** @description What it may do. */
                readonly scopes: readonly components["schemas"]["Scope"][];
            }[];
            /**
             * Format: int32
             * @description How many this page may hold at most.
             */
            readonly limit: number;
            /**
             * Format: int32
             * @description How many were skipped.
             */
            readonly offset: number;
            /**
             * Format: int64
             * @description How many there are on all pages.
             */
            readonly total: number;
        };
        /** @description One page of a list that is read by its position. */
        readonly OffsetPage_ApprovalItem: {
            /** @description The entries. */
            readonly data: readonly {
                /** @description Its identity. */
                readonly approval_id: components["schemas"]["ApprovalId"];
                /** @description Since when. */
                readonly asked_at: components["schemas"]["Timestamp"];
                /** @description Why somebody has to look. */
                readonly cause: components["schemas"]["ApprovalCause"];
                /** @description The client application. */
                readonly client_id: components["schemas"]["ClientId"];
                readonly decided_at?: components["schemas"]["Timestamp"] | null;
                /** @description The device. */
                readonly device_id: components["schemas"]["DeviceId"];
                /** @description When it is rejected by itself. */
                readonly expires_at: components["schemas"]["Timestamp"];
                /** @description What came of it. */
                readonly state: components["schemas"]["ApprovalState"];
                readonly user_id?: components["schemas"]["UserId"] | null;
            }[];
            /**
             * Format: int32
             * @description How many this page may hold at most.
             */
            readonly limit: number;
            /**
             * Format: int32
             * @description How many were skipped.
             */
            readonly offset: number;
            /**
             * Format: int64
             * @description How many there are on all pages.
             */
            readonly total: number;
        };
        /** @description One page of a list that is read by its position. */
        readonly OffsetPage_BanItem: {
            /** @description The entries. */
            readonly data: readonly {
                /** @description Its identity. */
                readonly ban_id: components["schemas"]["BanId"];
                /** @description Since when. */
                readonly banned_at: components["schemas"]["Timestamp"];
                readonly client_id?: components["schemas"]["ClientId"] | null;
                /** @description Whether the machine is refused too, also under another key. */
                readonly covers_hardware: boolean;
                readonly device_id?: components["schemas"]["DeviceId"] | null;
                /**
                 * Format: int64
                 * @description How many sessions ended; in the answer to banning.
                 */
                readonly ended?: number | null;
                readonly jkt?: components["schemas"]["Thumbprint"] | null;
                readonly lifted_at?: components["schemas"]["Timestamp"] | null;
                /** @description What was written about it. */
                readonly reason?: string | null;
                readonly receipt?: components["schemas"]["EndingReceipt"] | null;
                /** @description What it is about. */
                readonly scope: components["schemas"]["BanScope"];
                readonly user_id?: components["schemas"]["UserId"] | null;
            }[];
            /**
             * Format: int32
             * @description How many this page may hold at most.
             */
            readonly limit: number;
            /**
             * Format: int32
             * @description How many were skipped.
             */
            readonly offset: number;
            /**
             * Format: int64
             * @description How many there are on all pages.
             */
            readonly total: number;
        };
        /** @description One page of a list that is read by its position. */
        readonly OffsetPage_ClientItem: {
            /** @description The entries. */
            readonly data: readonly {
                /** @description Whom it lets in only after somebody has looked, and what bad proofs cost. */
                readonly admission: components["schemas"]["AdmissionItem"];
                /** @description What its devices have to show of themselves. */
                readonly attestation: components["schemas"]["AttestationPolicyItem"];
                /** @description `aud` of its access tokens. */
                readonly audience: string;
                /** @description Its identity. */
                readonly client_id: components["schemas"]["ClientId"];
                /** @description When it was registered. */
                readonly created_at: components["schemas"]["Timestamp"];
                readonly disabled_at?: components["schemas"]["Timestamp"] | null;
                /** @description Issuers whose ID tokens log its users in. */
                readonly issuers: readonly components["schemas"]["TrustedIssuerItem"][];
                /** @description How long its sessions and tokens live. */
                readonly lifetimes: components["schemas"]["LifetimesItem"];
                /** @description How many devices its users may have. */
                readonly limits: components["schemas"]["DeviceLimitsItem"];
                /** @description What people call it. */
                readonly name: string;
                /** @description When its devices must put a server nonce into their proofs. */
                readonly nonce_policy: components["schemas"]["NoncePolicy"];
                /** @description Origins whose URLs a proof may name. */
                readonly origins: readonly components["schemas"]["Origin"][];
                /** @description What its devices are. */
                readonly platform: components["schemas"]["Platform"];
                /** @description Whether its devices must have a key. */
                readonly proof_of_possession: components["schemas"]["ProofOfPossession"];
                readonly receipt?: components["schemas"]["EndingReceipt"] | null;
                /** @description What counts as a confirmation of a device by its user. */
                readonly trust: components["schemas"]["TrustPolicyItem"];
                /**
                 * Format: int64
                 * @description Counts changes; the number in the `ETag`.
                 */
                readonly version: number;
            }[];
            /**
             * Format: int32
             * @description How many this page may hold at most.
             */
            readonly limit: number;
            /**
             * Format: int32
             * @description How many were skipped.
             */
            readonly offset: number;
            /**
             * Format: int64
             * @description How many there are on all pages.
             */
            readonly total: number;
        };
        /** @description One page of a list that is read by its position. */
        readonly OffsetPage_DeviceItem: {
            /** @description The entries. */
            readonly data: readonly {
                /**
                 * Format: int32
                 * @description How many live sessions the user has on it.
                 */
                readonly active_sessions: number;
                /** @description Its current generation. */
                readonly app_id: components["schemas"]["AppId"];
                /** @description The app's version. */
                readonly app_version?: string | null;
                /** @description The client application. */
                readonly client_id: components["schemas"]["ClientId"];
                /** @description When the user first logged in on it. */
                readonly created_at: components["schemas"]["Timestamp"];
                /** @description Its identity. */
                readonly device_id: components["schemas"]["DeviceId"];
                /** @description Whether it says that its storage is encrypted. */
                readonly encryption: components["schemas"]["Encryption"];
                readonly ended?: components["schemas"]["DeviceEnd"] | null;
                /** @description Whether it makes this very request. */
                readonly is_current: boolean;
                /** @description Whether the user had a device with the same fingerprint when it came. */
                readonly is_recognised: boolean;
                /** @description Whether it has a key. */
                readonly key_bound: boolean;
                readonly last_seen?: components["schemas"]["LastSeen"] | null;
                /** @description When the user was last active on it. */
                readonly last_seen_at: components["schemas"]["Timestamp"];
                /** @description Hardware model. */
                readonly model?: string | null;
                /** @description The user's name for it, else its own. */
                readonly name?: string | null;
                /** @description Operating system version. */
                readonly os_version?: string | null;
                /** @description What it is. */
                readonly platform: components["schemas"]["Platform"];
                /** @description Where it stands. */
                readonly state: components["schemas"]["DeviceState"];
                /** @description How far it is trusted for the user. */
                readonly trust: components["schemas"]["TrustLevel"];
            }[];
            /**
             * Format: int32
             * @description How many this page may hold at most.
             */
            readonly limit: number;
            /**
             * Format: int32
             * @description How many were skipped.
             */
            readonly offset: number;
            /**
             * Format: int64
             * @description How many there are on all pages.
             */
            readonly total: number;
        };
        /** @description One page of a list that is read by its position. */
        readonly OffsetPage_RulesItem: {
            /** @description The entries. */
            readonly data: readonly {
                readonly applied_at?: components["schemas"]["Timestamp"] | null;
                /** @description Why, in the words of whoever applied them. */
                readonly note?: string | null;
                /**
                 * Format: int64
                 * @description Counts what was applied; 0 for the rules that a service starts with. The number in the `ETag`.
                 */
                readonly number: number;
                /** @description The rule file, in TOML. */
                readonly text: string;
                /** @description SHA-256 of the text, in hexadecimal. */
                readonly version: components["schemas"]["Sha256"];
            }[];
            /**
             * Format: int32
             * @description How many this page may hold at most.
             */
            readonly limit: number;
            /**
             * Format: int32
             * @description How many were skipped.
             */
            readonly offset: number;
            /**
             * Format: int64
             * @description How many there are on all pages.
             */
            readonly total: number;
        };
        /** @example https://app.example */
        readonly Origin: string;
        /** @enum {string} */
        readonly OsFamily: "ios" | "ipados" | "macos" | "windows" | "android" | "linux" | "chromeos" | "other";
        /** @enum {string} */
        readonly Overflow: "reject" | "replace_oldest_inactive" | "require_approval";
        /** @description One page of a user's own devices. */
        readonly OwnDevices: {
            /**
             * Format: int32
             * @description How many live sessions the user has on all devices.
             */
            readonly active_sessions: number;
            /** @description The devices. */
            readonly data: readonly components["schemas"]["DeviceItem"][];
            readonly frozen_at?: components["schemas"]["Timestamp"] | null;
            /** @description Whether there is a next page. */
            readonly has_more: boolean;
            /** @description How many devices the user may have. */
            readonly limit: components["schemas"]["DeviceLimit"];
            /** @description Where the next page begins; absent at the end. */
            readonly next_cursor?: string | null;
        };
        /** @description A user who has a device. */
        readonly Owner: {
            /** @description When the user was last active on it. */
            readonly last_seen_at: components["schemas"]["Timestamp"];
            /** @description When the user first logged in on it. */
            readonly since: components["schemas"]["Timestamp"];
            /** @description How far the device is trusted for the user. */
            readonly trust: components["schemas"]["TrustLevel"];
            /** @description The app's own id of the user. */
            readonly user_id: components["schemas"]["UserId"];
        };
        readonly PatchLevel: number;
        /** @enum {string} */
        readonly Platform: "ios" | "android" | "web" | "desktop";
        /** @enum {string} */
        readonly PlayCredentialKind: "response_keys" | "service_account";
        /** @description What a client reads tokens with; never the credentials themselves. */
        readonly PlayCredentialsItem: {
            /** @description The client. */
            readonly client_id: components["schemas"]["ClientId"];
            /** @description `response_keys` for classic requests, `service_account` for standard ones. */
            readonly kind: components["schemas"]["PlayCredentialKind"];
            /** @description Since when. */
            readonly set_at: components["schemas"]["Timestamp"];
        };
        /** @description What Google has to say of an app on Android and of the device under it. */
        readonly PlayIntegrityItem: {
            /**
             * @description What the device must meet, `device` when absent.
             * @default device
             */
            readonly device: components["schemas"]["DeviceIntegrity"];
            /**
             * @description `production` when absent; `development` also accepts answers that were made up for testing.
             * @default production
             */
            readonly environment: components["schemas"]["AttestationEnvironment"];
            /**
             * @description Whether the user must have got the app from Google Play.
             * @default false
             */
            readonly license_required: boolean;
            /**
             * @description How long ago the app may have asked: 60 seconds to a day, 600 when absent.
             * @default 600
             */
            readonly max_age_seconds: components["schemas"]["RequestSeconds"];
            /**
             * @description What may not be said of other apps on the device, as `UNKNOWN_CAPTURING`; at most 16.
             * @default []
             */
            readonly refused_app_access: readonly components["schemas"]["PlayWord"][];
            /**
             * @description What Play Protect may not say, as `HIGH_RISK`; at most 16.
             * @default []
             */
            readonly refused_play_protect: readonly components["schemas"]["PlayWord"][];
            /**
             * @description Whether nothing being said is refused too, of whatever a word would be refused of.
             * @default false
             */
            readonly silence_refused: boolean;
            /**
             * @description Whether versions are accepted that Google Play does not know.
             * @default false
             */
            readonly unrecognized_version: boolean;
        };
        /** Format: password */
        readonly PlayToken: string;
        /** @example HIGH_RISK */
        readonly PlayWord: string;
        /** @enum {string} */
        readonly PostureSource: "self" | "attested" | "mdm";
        /** @enum {string} */
        readonly Preset: "aal1" | "aal2" | "aal3";
        /** @description A problem (RFC 9457): the body of every answer outside 2xx, as `application/problem+json`. */
        readonly Problem: {
            /** @description The closed code to branch on. */
            readonly code: components["schemas"]["ErrorCode"];
            /** @description What happened this time. */
            readonly detail: string;
            /** @description The exact `DPoP-Nonce` value to hand to the device. */
            readonly dpop_nonce?: string | null;
            /** @description `error` of RFC 6749 section 5.2, at the OAuth endpoints only. */
            readonly error?: string | null;
            /** @description What is wrong where, for an invalid request. */
            readonly errors?: readonly components["schemas"]["FieldError"][];
            /** @description The resource it happened to. */
            readonly instance?: string | null;
            /** @description Names the request in the server's log; also in `X-Request-Id`. */
            readonly request_id?: string;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            readonly status: number;
            readonly ticket?: components["schemas"]["LimitTicketItem"] | null;
            /** @description The code's summary, the same every time. */
            readonly title: string;
            /**
             * Format: uri
             * @description `https://countersign.dev/problems/<code>`.
             */
            readonly type: string;
            /** @description The exact `WWW-Authenticate` value to hand to the device. */
            readonly www_authenticate?: string | null;
        };
        /** @enum {string} */
        readonly ProofOfPossession: "required" | "optional";
        /** @enum {string} */
        readonly Purpose: "enroll" | "rotate" | "assert";
        /** @description Where pushes for a device go. */
        readonly PushAddress: {
            readonly provider?: components["schemas"]["PushProvider"] | null;
            /** @description The push service's token. */
            readonly token: components["schemas"]["PushToken"];
        };
        /** @enum {string} */
        readonly PushProvider: "apns" | "fcm";
        /** Format: password */
        readonly PushToken: string;
        /** @description What a device management says of a device; what is absent is unknown. */
        readonly PutPosture: {
            /** @description The weakest encryption of all its volumes. */
            readonly all_encryption?: components["schemas"]["DiskEncryption"];
            readonly app_version?: components["schemas"]["Version"] | null;
            readonly kernel?: components["schemas"]["Version"] | null;
            /** @description Its operating system. */
            readonly os_family: components["schemas"]["OsFamily"];
            readonly os_version?: components["schemas"]["Version"] | null;
            readonly patch_level?: components["schemas"]["Version"] | null;
            /** @description Whether a screen lock is set. */
            readonly screen_lock?: boolean | null;
            /** @description The encryption of the volume that the system runs from. */
            readonly system_encryption?: components["schemas"]["DiskEncryption"];
        };
        /** @enum {string} */
        readonly Reaction: "accept" | "refuse";
        readonly Reason: string;
        /** @enum {string} */
        readonly Refusal: "token_invalid" | "token_expired" | "session_ended" | "session_expired" | "client_ended" | "proof_required" | "scheme_mismatch" | "proof_invalid" | "proof_mismatch" | "proof_expired" | "proof_replayed" | "use_dpop_nonce" | "key_mismatch" | "user_disabled" | "device_removed" | "device_evicted" | "device_suspended" | "device_revoked" | "device_banned" | "insufficient_trust" | "not_compliant" | "key_required";
        /** @description Why a request is refused, and what to answer the device. */
        readonly Refused: {
            /** @description Always false. */
            readonly allowed: components["schemas"]["False"];
            /** @description Why. */
            readonly code: components["schemas"]["Refusal"];
            readonly device_id?: components["schemas"]["DeviceId"] | null;
            /** @description The `DPoP-Nonce` header to answer the device with. */
            readonly dpop_nonce?: string | null;
            readonly session_id?: components["schemas"]["SessionId"] | null;
            /**
             * Format: int32
             * @description The status to answer the device with: 401 or 403.
             */
            readonly status: number;
            /** @description The `WWW-Authenticate` header to answer the device with. */
            readonly www_authenticate?: string | null;
        };
        /** @description A login, signup or refresh that the app's backend has let through. */
        readonly RegisterSession: {
            /** @description How the user authenticated (RFC 8176), at most 16 values. */
            readonly amr?: readonly components["schemas"]["AuthenticationMethod"][];
            /** @description The client application. */
            readonly client_id: components["schemas"]["ClientId"];
            readonly client_ip?: components["schemas"]["IpAddress"] | null;
            /** @description The device. */
            readonly device: components["schemas"]["DeviceReport"];
            /** @description What happened. */
            readonly event: components["schemas"]["SessionEvent"];
            readonly proof?: components["schemas"]["RelayedProof"] | null;
            readonly refresh_token?: components["schemas"]["StoredSecret"] | null;
            /** @description What the user is in the app, for device limits: at most 16 roles. As they were when absent. */
            readonly roles?: readonly components["schemas"]["Role"][] | null;
            readonly tokens?: components["schemas"]["AdoptedTokens"] | null;
            readonly user_agent?: components["schemas"]["UserAgent"] | null;
            /** @description The app's own id of the user. */
            readonly user_id: components["schemas"]["UserId"];
        };
        /** @description A session with the tokens it was given. */
        readonly RegisteredSession: {
            readonly access_token?: components["schemas"]["Secret"] | null;
            /** @description The device's generation. */
            readonly app_id: components["schemas"]["AppId"];
            /** @description The device. */
            readonly device_id: components["schemas"]["DeviceId"];
            readonly device_secret?: components["schemas"]["Secret"] | null;
            /** @description The nonce for the device's next proof (`DPoP-Nonce`). */
            readonly dpop_nonce?: string | null;
            /** @description Devices of the user that made room for this one. */
            readonly evicted?: readonly components["schemas"]["EvictedDevice"][];
            /**
             * Format: int64
             * @description Seconds until the access token expires.
             */
            readonly expires_in?: number | null;
            /** @description When the session ends unless there is activity. */
            readonly idle_expires_at: components["schemas"]["Timestamp"];
            /** @description The installation id to keep; another than the presented one if that is taken. */
            readonly installation_id: components["schemas"]["InstallationId"];
            /** @description Whether the device was registered by this call. */
            readonly is_new_device: boolean;
            /** @description Whether the user had a device with the same fingerprint. */
            readonly is_recognised: boolean;
            readonly refresh_token?: components["schemas"]["Secret"] | null;
            /** @description When the session ends whatever happens. */
            readonly session_expires_at: components["schemas"]["Timestamp"];
            /** @description The session. */
            readonly session_id: components["schemas"]["SessionId"];
            /** @description How to present the access token; `N_A` for the backend's own (RFC 8693 section 2.2.1). */
            readonly token_type: components["schemas"]["TokenType"];
            /** @description How far the device is trusted for the user. */
            readonly trust: components["schemas"]["TrustLevel"];
            /** @description The app's own id of the user. */
            readonly user_id: components["schemas"]["UserId"];
        };
        /** @description A `DPoP` proof (RFC 9449) and the request that the device made it for. */
        readonly RelayedProof: {
            /** @description The method of the device's request to the backend. */
            readonly htm: components["schemas"]["Method"];
            /** @description The URL of the device's request, at one of the client's origins. */
            readonly htu: string;
            /** @description The proof, a compact JWS. */
            readonly jwt: components["schemas"]["Token"];
        };
        /** @description The ticket of a user, and the device that is to go. */
        readonly RemoveWithTicket: {
            /** @description The device. */
            readonly device_id: components["schemas"]["DeviceId"];
            /** @description The ticket. */
            readonly ticket: components["schemas"]["StoredSecret"];
        };
        /** @description The user's own name for a device. */
        readonly RenameDevice: {
            /** @description 1 to 120 characters. */
            readonly name: components["schemas"]["Name"];
        };
        readonly RequestSeconds: number;
        /** @enum {string} */
        readonly RequestedTokenType: "urn:ietf:params:oauth:token-type:access_token";
        /** Format: password */
        readonly ResponseKey: string;
        /** @enum {string} */
        readonly ResultKind: "pass" | "fail" | "unknown" | "not_applicable";
        /** @description The form of revocation (RFC 7009 section 2.1). */
        readonly RevokeForm: {
            /**
             * @description The client that the token was issued to, from a caller without an API key; another text is
             *     as good as another client's id.
             */
            readonly client_id?: string;
            /** @description An access or refresh token. */
            readonly token: components["schemas"]["Token"];
            /** @description `access_token` or `refresh_token`; only a hint, so any text is accepted. */
            readonly token_type_hint?: string;
        };
        /** @description What revoking an API key answers. */
        readonly RevokedApiKey: {
            /** @description Which. */
            readonly key_id: components["schemas"]["ApiKeyId"];
            /** @description Where that has arrived. */
            readonly receipt: components["schemas"]["EndingReceipt"];
        };
        readonly Role: string;
        /** @description The limit of users in a role. */
        readonly RoleLimitItem: {
            readonly max?: components["schemas"]["MaxDevices"] | null;
            /** @description The role, in the app's own words: 1 to 64 characters. */
            readonly role: components["schemas"]["Role"];
        };
        /** @description A device that gives up its key for a new one, with a proof by the new key in the `DPoP` header. */
        readonly Rotate: {
            /** @description As it was given out, for `rotate`. */
            readonly challenge: components["schemas"]["Challenge"];
            /** @description The client application. */
            readonly client_id: components["schemas"]["ClientId"];
            readonly evidence?: components["schemas"]["Evidence"] | null;
            /** @description A proof by the old key for the same method and URL. */
            readonly previous_proof: components["schemas"]["Token"];
        };
        /** @description Rules as they were applied. */
        readonly RulesItem: {
            readonly applied_at?: components["schemas"]["Timestamp"] | null;
            /** @description Why, in the words of whoever applied them. */
            readonly note?: string | null;
            /**
             * Format: int64
             * @description Counts what was applied; 0 for the rules that a service starts with. The number in the `ETag`.
             */
            readonly number: number;
            /** @description The rule file, in TOML. */
            readonly text: string;
            /** @description SHA-256 of the text, in hexadecimal. */
            readonly version: components["schemas"]["Sha256"];
        };
        /** Format: password */
        readonly RulesText: string;
        /**
         * @description An HTTP authentication scheme; read without regard to case (RFC 9110 section 11.1).
         * @enum {string}
         */
        readonly Scheme: "DPoP" | "Bearer";
        /** @enum {string} */
        readonly Scope: "sessions:write" | "verify" | "feed:read" | "devices:read" | "devices:write" | "users:write" | "clients:read" | "clients:write" | "compliance:read" | "compliance:write" | "nodes:read" | "api-keys:read" | "api-keys:write";
        readonly Scopes: readonly ("sessions:write" | "verify" | "feed:read" | "devices:read" | "devices:write" | "users:write" | "clients:read" | "clients:write" | "compliance:read" | "compliance:write" | "nodes:read" | "api-keys:read" | "api-keys:write")[];
        /** Format: password */
        readonly Secret: string;
        /** @description A session that was active. */
        readonly SeenSession: {
            /** @description When; a time to come counts as now. */
            readonly at: components["schemas"]["Timestamp"];
            /** @description The session. */
            readonly session_id: components["schemas"]["SessionId"];
        };
        readonly SensitiveAction: string;
        /** @description What the server can do as an OAuth authorization server (RFC 8414 section 2). */
        readonly ServerMetadata: {
            /** @description What proofs are signed with (RFC 9449 section 5.1). */
            readonly dpop_signing_alg_values_supported: readonly string[];
            /** @description Token exchange and refresh. */
            readonly grant_types_supported: readonly string[];
            /** @description `iss` of the access tokens: the public URL. */
            readonly issuer: string;
            /** @description Where the keys are. */
            readonly jwks_uri: string;
            /** @description Empty: there is no authorization endpoint. The member itself is required. */
            readonly response_types_supported: readonly string[];
            /** @description Where they are given back. */
            readonly revocation_endpoint: string;
            /** @description `none`: possession of the token is what counts. */
            readonly revocation_endpoint_auth_methods_supported: readonly string[];
            /** @description Where tokens are issued. */
            readonly token_endpoint: string;
            /** @description `none`: clients are public. */
            readonly token_endpoint_auth_methods_supported: readonly string[];
        };
        /** @description A service account's key file, as Google hands it out; what is not named here is passed over. */
        readonly ServiceAccountItem: {
            /** @description The account. */
            readonly client_email: components["schemas"]["Audience"];
            /** @description The key: PKCS #8, in PEM. */
            readonly private_key: components["schemas"]["Secret"];
            /** @description What Google calls the key. */
            readonly private_key_id: components["schemas"]["Audience"];
            /** @description `service_account`. */
            readonly type: components["schemas"]["ServiceAccountType"];
        };
        /** @enum {string} */
        readonly ServiceAccountType: "service_account";
        /**
         * @description What made a session be registered.
         * @enum {string}
         */
        readonly SessionEvent: "login" | "signup" | "refresh";
        /** @description A session and everything it hangs on. */
        readonly SessionFacts: {
            /** @description When it ends whatever happens. */
            readonly absolute_expiry: components["schemas"]["Timestamp"];
            /** @description How the user authenticated. */
            readonly amr: readonly string[];
            /** @description The device's generation. */
            readonly app_id: components["schemas"]["AppId"];
            /** @description The app's version. */
            readonly app_version?: string | null;
            /** @description The client. */
            readonly client_id: components["schemas"]["ClientId"];
            /** @description Its device. */
            readonly device_id: components["schemas"]["DeviceId"];
            /** @description Where the device stands. */
            readonly device_state: components["schemas"]["DeviceState"];
            readonly ended?: components["schemas"]["EndingCause"] | null;
            readonly grounds?: components["schemas"]["GroundsFacts"] | null;
            /**
             * Format: int64
             * @description The idle limit, in microseconds.
             */
            readonly idle_micros: number;
            /** @description Whether the client is disabled or ended all its sessions. */
            readonly is_client_ended: boolean;
            /** @description Whether the device's current key is still the session's. */
            readonly is_key_current: boolean;
            /** @description Whether the ownership is past. */
            readonly is_ownership_ended: boolean;
            /** @description Whether the user is disabled. */
            readonly is_user_disabled: boolean;
            /** @description The key that its tokens are bound to. */
            readonly jkt?: string | null;
            /** @description The newest activity. */
            readonly last_active_at: components["schemas"]["Timestamp"];
            /** @description When its devices must use nonces. */
            readonly nonce_policy: components["schemas"]["NoncePolicy"];
            /** @description Its ownership. */
            readonly ownership_id: string;
            /** @description What the device is. */
            readonly platform: components["schemas"]["Platform"];
            /** @description The session. */
            readonly session_id: components["schemas"]["SessionId"];
            /** @description Its user's row. */
            readonly user: string;
            /** @description The app's own id of the user. */
            readonly user_id: components["schemas"]["UserId"];
        };
        /** @example ses_01k6q2v7w8x9yzabcdefghjkmn */
        readonly SessionId: string;
        readonly SessionSeconds: number;
        /** @description What a client reads tokens with: its response keys, or an account at Google. */
        readonly SetPlayCredentials: {
            readonly decryption_key?: components["schemas"]["ResponseKey"] | null;
            readonly service_account?: components["schemas"]["ServiceAccountItem"] | null;
            readonly verification_key?: components["schemas"]["ResponseKey"] | null;
        };
        readonly Sha256: string;
        /** @enum {string} */
        readonly Shortfall: "missing" | "invalid" | "unevaluated" | "timeout" | "level" | "stale";
        /** Format: password */
        readonly StoredSecret: string;
        /** @enum {string} */
        readonly SubjectTokenType: "urn:ietf:params:oauth:token-type:id_token";
        readonly Thumbprint: string;
        /**
         * Format: date-time
         * @example 2026-01-31T12:00:00.000000Z
         */
        readonly Timestamp: string;
        /** Format: password */
        readonly Token: string;
        /** @description A session with its tokens, as a token endpoint answers it. */
        readonly TokenAnswer: components["schemas"]["RegisteredSession"] & {
            /** @description Token exchange: `urn:ietf:params:oauth:token-type:access_token`. */
            readonly issued_token_type?: string | null;
        };
        /** @description What a token of the app's own stands for. */
        readonly TokenFacts: {
            /** @description When it expires. */
            readonly expires_at: components["schemas"]["Timestamp"];
            /** @description Its session, for ever. */
            readonly session_id: components["schemas"]["SessionId"];
        };
        /** @description The form of introspection (RFC 7662 section 2.1). */
        readonly TokenForm: {
            /** @description An access or refresh token. */
            readonly token: components["schemas"]["Token"];
            /** @description `access_token` or `refresh_token`; only a hint, so any text is accepted. */
            readonly token_type_hint?: string;
        };
        /**
         * @description The form of the token endpoint; the proof comes in the `DPoP` header. Parameters that are not
         *     listed are ignored, and so is one without a value; a repeated one is refused.
         */
        readonly TokenRequest: {
            /** @description Nobody acts for somebody else here, so this is refused. */
            readonly actor_token?: string;
            /** @description The client's own audience, if anything. */
            readonly audience?: string;
            /** @description The client application: a public client, without a secret. */
            readonly client_id?: components["schemas"]["ClientId"];
            /** @description What the device says of itself: a `DeviceReport` in JSON, without `installation_id`. */
            readonly device?: string;
            /** @description `urn:ietf:params:oauth:grant-type:token-exchange` or `refresh_token`. */
            readonly grant_type: components["schemas"]["GrantType"];
            /** @description Token exchange: the UUID that the app keeps; one is made when it is absent. */
            readonly installation_id?: components["schemas"]["InstallationId"];
            /** @description Token exchange: what the app gave the issuer as `nonce`; the ID token must carry it. */
            readonly nonce?: string;
            /** @description Refresh: the refresh token. */
            readonly refresh_token?: components["schemas"]["Secret"];
            /**
             * @description Token exchange: `urn:ietf:params:oauth:token-type:access_token`, which is also meant when
             *     it is absent.
             */
            readonly requested_token_type?: components["schemas"]["RequestedTokenType"];
            /** @description The client's own audience, if anything (RFC 8707). */
            readonly resource?: string;
            /** @description Token exchange: the ID token. */
            readonly subject_token?: components["schemas"]["Secret"];
            /** @description Token exchange: `urn:ietf:params:oauth:token-type:id_token`. */
            readonly subject_token_type?: components["schemas"]["SubjectTokenType"];
        };
        /**
         * @description How an access token is presented.
         * @enum {string}
         */
        readonly TokenType: "DPoP" | "Bearer" | "N_A";
        /** @description A session after the backend's tokens were replaced. */
        readonly TokensReplaced: {
            /** @description When the session ends unless there is activity. */
            readonly idle_expires_at: components["schemas"]["Timestamp"];
            /** @description When the session ends whatever happens. */
            readonly session_expires_at: components["schemas"]["Timestamp"];
            /** @description The session. */
            readonly session_id: components["schemas"]["SessionId"];
        };
        /** @enum {boolean} */
        readonly True: true;
        /** @enum {string} */
        readonly TrustEnd: "lapsed" | "withdrawn";
        /** @example tev_01k6q2v7w8x9yzabcdefghjkmn */
        readonly TrustEvidenceId: string;
        /** @description One reason to trust a device. */
        readonly TrustEvidenceItem: {
            readonly end_cause?: components["schemas"]["TrustEnd"] | null;
            readonly ended_at?: components["schemas"]["Timestamp"] | null;
            /** @description Its identity. */
            readonly evidence_id: components["schemas"]["TrustEvidenceId"];
            /** @description What it is. */
            readonly kind: components["schemas"]["TrustKind"];
            /** @description In the words of whoever said so. */
            readonly note?: string | null;
            /** @description Since when. */
            readonly since: components["schemas"]["Timestamp"];
            /** @description Who said so. */
            readonly source: components["schemas"]["TrustSource"];
            /** @description Until when, unless it ends before. */
            readonly until: components["schemas"]["Timestamp"];
            readonly user_id?: components["schemas"]["UserId"] | null;
        };
        /** @enum {string} */
        readonly TrustKind: "mfa" | "mdm";
        /** @enum {string} */
        readonly TrustLevel: "revoked" | "unknown" | "trusted" | "corporate";
        /** @description How far a device is trusted for a user, and why. */
        readonly TrustOfDevice: {
            /** @description The device. */
            readonly device_id: components["schemas"]["DeviceId"];
            /** @description The evidence that was added or withdrawn. */
            readonly evidence: components["schemas"]["TrustEvidenceItem"];
            readonly receipt?: components["schemas"]["EndingReceipt"] | null;
            readonly trust?: components["schemas"]["TrustLevel"] | null;
        };
        /** @description What counts as a confirmation of a device by its user. */
        readonly TrustPolicyItem: {
            /**
             * @description Authentication methods (RFC 8176) of which one in a login's `amr` is enough, at most 16; none
             *     leaves it to the backend.
             * @default [
             *       "mfa"
             *     ]
             */
            readonly mfa_methods: readonly components["schemas"]["AuthenticationMethod"][];
            /**
             * @description How long a confirmation counts: 60 seconds to 400 days.
             * @default 2592000
             */
            readonly mfa_seconds: components["schemas"]["SessionSeconds"];
        };
        /** @enum {string} */
        readonly TrustSource: "login" | "backend";
        /** @description An OpenID Connect issuer whose ID tokens log users in at `POST /oauth/token`. */
        readonly TrustedIssuerItem: {
            readonly algorithms?: components["schemas"]["IdTokenAlgorithms"] | null;
            /**
             * @description 1 to 8 accepted values of `aud`: what the app is called there. A token with several
             *     audiences, or with `azp`, must name one of these as `azp`.
             */
            readonly audiences: readonly components["schemas"]["Audience"][];
            /**
             * @description `iss` of its ID tokens, character by character: `https` (`http` for loopback only), without
             *     query and fragment.
             */
            readonly issuer: components["schemas"]["IssuerUrl"];
            readonly jwks_uri?: components["schemas"]["EndpointUrl"] | null;
            readonly nonce?: components["schemas"]["IdTokenNonce"] | null;
            readonly user_prefix?: components["schemas"]["UserPrefix"] | null;
        };
        /** @description A device that gives up its key, with a proof by that key in the `DPoP` header. */
        readonly Unenroll: {
            /** @description The client application. */
            readonly client_id: components["schemas"]["ClientId"];
        };
        /** @description A device that has no key any more. */
        readonly Unenrolled: {
            /** @description Its identity; under another key its user goes on as the same device. */
            readonly device_id: components["schemas"]["DeviceId"];
            /**
             * Format: int64
             * @description How many sessions ended.
             */
            readonly ended: number;
            /** @description Where the ending has arrived. */
            readonly receipt: components["schemas"]["EndingReceipt"];
        };
        /** @enum {string} */
        readonly UnknownReason: "no_posture" | "missing" | "unparsable" | "stale" | "weak_source" | "unlisted";
        /** @description Settings of a client to change; what is absent stays as it is (RFC 7396). */
        readonly UpdateClient: {
            /** @default null */
            readonly admission: components["schemas"]["AdmissionItem"] | null;
            /** @default null */
            readonly attestation: components["schemas"]["AttestationPolicyItem"] | null;
            /** @default null */
            readonly audience: components["schemas"]["Audience"] | null;
            /**
             * @description `true` refuses everything of the client and ends its sessions; `false` accepts logins again.
             * @default null
             */
            readonly disabled: boolean | null;
            /**
             * @description Takes the place of the whole list, at most 8, each once.
             * @default null
             */
            readonly issuers: readonly components["schemas"]["TrustedIssuerItem"][] | null;
            /** @default null */
            readonly lifetimes: components["schemas"]["LifetimesChange"] | null;
            /** @default null */
            readonly limits: components["schemas"]["DeviceLimitsItem"] | null;
            /** @default null */
            readonly name: components["schemas"]["Name"] | null;
            /** @default null */
            readonly nonce_policy: components["schemas"]["NoncePolicy"] | null;
            /**
             * @description Takes the place of the whole list, at most 32.
             * @default null
             */
            readonly origins: readonly components["schemas"]["Origin"][] | null;
            /** @default null */
            readonly proof_of_possession: components["schemas"]["ProofOfPossession"] | null;
            /** @default null */
            readonly trust: components["schemas"]["TrustPolicyItem"] | null;
        };
        readonly UserAgent: string;
        /** @example 42 */
        readonly UserId: string;
        /** @description The limit of one user. */
        readonly UserLimitItem: {
            readonly max?: components["schemas"]["MaxDevices"] | null;
            /** @description The app's own id of the user. */
            readonly user_id: components["schemas"]["UserId"];
        };
        readonly UserPrefix: string;
        /** @description Where a user stands after the call. */
        readonly UserStanding: {
            readonly disabled_at?: components["schemas"]["Timestamp"] | null;
            /**
             * Format: int64
             * @description How many sessions the call ended.
             */
            readonly ended: number;
            readonly frozen_at?: components["schemas"]["Timestamp"] | null;
            /** @description Whether logins, refreshes and requests are refused. */
            readonly is_disabled: boolean;
            readonly receipt?: components["schemas"]["EndingReceipt"] | null;
            /** @description The app's own id of the user. */
            readonly user_id: components["schemas"]["UserId"];
        };
        /** @description What a device's evidence is worth. */
        readonly Verdict: {
            /** @description What vouches for its key. */
            readonly level: components["schemas"]["AttestationLevel"];
            readonly shortfall?: components["schemas"]["Shortfall"] | null;
        };
        /** @example vrf_01k6q2v7w8x9yzabcdefghjkmn */
        readonly VerifierId: string;
        /** @description A verifier or sidecar. */
        readonly VerifierItem: {
            /**
             * Format: int64
             * @description How long its lease may still run, if it does not ask again.
             */
            readonly lapses_in_ms: number;
            /** @description Its process; another one after each start. */
            readonly verifier_id: components["schemas"]["VerifierId"];
        };
        /** @description A request that the backend received and wants judged. */
        readonly VerifyRequest: {
            readonly client_ip?: components["schemas"]["IpAddress"] | null;
            readonly method?: components["schemas"]["Method"] | null;
            readonly min_trust?: components["schemas"]["TrustLevel"] | null;
            readonly proof?: components["schemas"]["Token"] | null;
            /** @description The device must be known to meet the rules. */
            readonly require_compliant?: boolean;
            /** @description The session must be bound to a device key. */
            readonly require_key?: boolean;
            readonly scheme?: components["schemas"]["Scheme"] | null;
            /**
             * @description The answer must rest on a read of the store that began after the question came: slower, and
             *     without relying on any clock.
             */
            readonly strict?: boolean;
            /** @description The access token as it was presented. */
            readonly token: string;
            /** @description The request's absolute URL as the device called it; needed with a proof. */
            readonly url?: string | null;
        };
        /** @description The judgement; answered with status 200 either way. */
        readonly VerifyResponse: components["schemas"]["Allowed"] | components["schemas"]["Refused"];
        readonly Version: string;
        readonly VersionCode: number;
        /** @description Pages of a site whose authenticators vouch for keys. */
        readonly WebPagesItem: {
            /** @description Whether a credential that may leave its authenticator is refused. */
            readonly device_bound?: boolean;
            /** @description The pages' origins, 1 to 16. */
            readonly origins: readonly components["schemas"]["Origin"][];
            /** @description The relying party's id: a domain. */
            readonly rp_id: components["schemas"]["Audience"];
            /** @description Whether the authenticator must know the user, and not only that somebody is there. */
            readonly user_verification?: boolean;
        };
    };
    responses: {
        /** @description Something failed here. */
        readonly Failed: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The caller may not do this. */
        readonly Forbidden: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The store has no room left. */
        readonly Full: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request is not valid. */
        readonly Invalid: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is none that the caller may see. */
        readonly NotFound: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is larger than 64 KiB. */
        readonly TooLarge: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many unauthenticated or failed requests from this address. */
        readonly TooMany: {
            headers: {
                /** @description Seconds; with `rate_limited` and `unavailable`. */
                readonly "Retry-After"?: number;
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Credentials are missing or not accepted. */
        readonly Unauthenticated: {
            headers: {
                /** @description With `use_dpop_nonce` and `proof_expired`: repeat with it (RFC 9449 section 9). */
                readonly "DPoP-Nonce"?: string;
                /** @description What to come back with (RFC 9110 section 11.6.1). */
                readonly "WWW-Authenticate"?: string;
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The store can't be reached, or an outcome is not known: `code` says which. */
        readonly Unavailable: {
            headers: {
                /** @description Seconds; with `rate_limited` and `unavailable`. */
                readonly "Retry-After"?: number;
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `Content-Type` is missing or another one. */
        readonly WrongMediaType: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly get_jwks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The published keys (RFC 7517). */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Jwks"];
                };
            };
        };
    };
    readonly get_server_metadata: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The metadata (RFC 8414 section 3.2). */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ServerMetadata"];
                };
            };
        };
    };
    readonly judge_for_caddy: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description The held request's method.
                 * @example GET
                 */
                readonly "X-Forwarded-Method": string;
                /**
                 * @description The scheme that its client used.
                 * @example https
                 */
                readonly "X-Forwarded-Proto": string;
                /**
                 * @description The host that its client called, with its port.
                 * @example api.example
                 */
                readonly "X-Forwarded-Host": string;
                /**
                 * @description Its path and query as they came.
                 * @example /orders?page=2
                 */
                readonly "X-Forwarded-Uri": string;
            };
            readonly path: {
                /**
                 * @description What is asked of the request: words of `session`, `key`, `compliant`, `trusted` or
                 *     `corporate`, and `assertion`, with commas between them.
                 * @example key,trusted,assertion
                 */
                readonly rule: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may go on. Every header is there; those of which nothing is known are empty. */
            readonly 200: {
                headers: {
                    /** @description For the device's next proof, if its client always wants one. */
                    readonly "DPoP-Nonce"?: string;
                    /** @description A signed assertion, if the rule asks for one. */
                    readonly "X-Device-Assertion"?: string;
                    /** @description `true`, `false`, or empty while no rule was evaluated. */
                    readonly "X-Device-Compliant"?: string;
                    /** @description The device. */
                    readonly "X-Device-Id"?: string;
                    /** @description The session. */
                    readonly "X-Device-Session"?: string;
                    /** @description The client application. */
                    readonly "X-Device-Tenant"?: string;
                    /** @description How far the device is trusted for the user. */
                    readonly "X-Device-Trust"?: string;
                    /** @description The app's own id of the user; what is not visible ASCII, and `%`, is percent-encoded. */
                    readonly "X-Device-User"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It may not go on: its credentials are missing or not accepted. */
            readonly 401: {
                headers: {
                    /** @description With `use_dpop_nonce` and `proof_expired`: repeat with it (RFC 9449 section 9). */
                    readonly "DPoP-Nonce"?: string;
                    /** @description What to come back with (RFC 9110 section 11.6.1). */
                    readonly "WWW-Authenticate"?: string;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It may not go on, the proxy is not trusted, or what it says of the request is not accepted. To nginx also: no judgement was possible. */
            readonly 403: {
                headers: {
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No judgement was possible. */
            readonly 503: {
                headers: {
                    /** @description Seconds; with `unavailable`. */
                    readonly "Retry-After"?: number;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly judge_get_for_envoy: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description What is asked of the request, as in the path of the others; Envoy's configuration sets it.
                 * @example key,trusted,assertion
                 */
                readonly "X-Countersign-Rule": string;
                /**
                 * @description The scheme that its client used.
                 * @example https
                 */
                readonly "X-Forwarded-Proto": string;
            };
            readonly path: {
                /**
                 * @description The held request's path, of any number of segments.
                 * @example orders
                 */
                readonly path: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may go on. Every header is there; those of which nothing is known are empty. */
            readonly 200: {
                headers: {
                    /** @description For the device's next proof, if its client always wants one. */
                    readonly "DPoP-Nonce"?: string;
                    /** @description A signed assertion, if the rule asks for one. */
                    readonly "X-Device-Assertion"?: string;
                    /** @description `true`, `false`, or empty while no rule was evaluated. */
                    readonly "X-Device-Compliant"?: string;
                    /** @description The device. */
                    readonly "X-Device-Id"?: string;
                    /** @description The session. */
                    readonly "X-Device-Session"?: string;
                    /** @description The client application. */
                    readonly "X-Device-Tenant"?: string;
                    /** @description How far the device is trusted for the user. */
                    readonly "X-Device-Trust"?: string;
                    /** @description The app's own id of the user; what is not visible ASCII, and `%`, is percent-encoded. */
                    readonly "X-Device-User"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It may not go on: its credentials are missing or not accepted. */
            readonly 401: {
                headers: {
                    /** @description With `use_dpop_nonce` and `proof_expired`: repeat with it (RFC 9449 section 9). */
                    readonly "DPoP-Nonce"?: string;
                    /** @description What to come back with (RFC 9110 section 11.6.1). */
                    readonly "WWW-Authenticate"?: string;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It may not go on, the proxy is not trusted, or what it says of the request is not accepted. To nginx also: no judgement was possible. */
            readonly 403: {
                headers: {
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No judgement was possible. */
            readonly 503: {
                headers: {
                    /** @description Seconds; with `unavailable`. */
                    readonly "Retry-After"?: number;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly judge_put_for_envoy: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description What is asked of the request, as in the path of the others; Envoy's configuration sets it.
                 * @example key,trusted,assertion
                 */
                readonly "X-Countersign-Rule": string;
                /**
                 * @description The scheme that its client used.
                 * @example https
                 */
                readonly "X-Forwarded-Proto": string;
            };
            readonly path: {
                /**
                 * @description The held request's path, of any number of segments.
                 * @example orders
                 */
                readonly path: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may go on. Every header is there; those of which nothing is known are empty. */
            readonly 200: {
                headers: {
                    /** @description For the device's next proof, if its client always wants one. */
                    readonly "DPoP-Nonce"?: string;
                    /** @description A signed assertion, if the rule asks for one. */
                    readonly "X-Device-Assertion"?: string;
                    /** @description `true`, `false`, or empty while no rule was evaluated. */
                    readonly "X-Device-Compliant"?: string;
                    /** @description The device. */
                    readonly "X-Device-Id"?: string;
                    /** @description The session. */
                    readonly "X-Device-Session"?: string;
                    /** @description The client application. */
                    readonly "X-Device-Tenant"?: string;
                    /** @description How far the device is trusted for the user. */
                    readonly "X-Device-Trust"?: string;
                    /** @description The app's own id of the user; what is not visible ASCII, and `%`, is percent-encoded. */
                    readonly "X-Device-User"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It may not go on: its credentials are missing or not accepted. */
            readonly 401: {
                headers: {
                    /** @description With `use_dpop_nonce` and `proof_expired`: repeat with it (RFC 9449 section 9). */
                    readonly "DPoP-Nonce"?: string;
                    /** @description What to come back with (RFC 9110 section 11.6.1). */
                    readonly "WWW-Authenticate"?: string;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It may not go on, the proxy is not trusted, or what it says of the request is not accepted. To nginx also: no judgement was possible. */
            readonly 403: {
                headers: {
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No judgement was possible. */
            readonly 503: {
                headers: {
                    /** @description Seconds; with `unavailable`. */
                    readonly "Retry-After"?: number;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly judge_post_for_envoy: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description What is asked of the request, as in the path of the others; Envoy's configuration sets it.
                 * @example key,trusted,assertion
                 */
                readonly "X-Countersign-Rule": string;
                /**
                 * @description The scheme that its client used.
                 * @example https
                 */
                readonly "X-Forwarded-Proto": string;
            };
            readonly path: {
                /**
                 * @description The held request's path, of any number of segments.
                 * @example orders
                 */
                readonly path: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may go on. Every header is there; those of which nothing is known are empty. */
            readonly 200: {
                headers: {
                    /** @description For the device's next proof, if its client always wants one. */
                    readonly "DPoP-Nonce"?: string;
                    /** @description A signed assertion, if the rule asks for one. */
                    readonly "X-Device-Assertion"?: string;
                    /** @description `true`, `false`, or empty while no rule was evaluated. */
                    readonly "X-Device-Compliant"?: string;
                    /** @description The device. */
                    readonly "X-Device-Id"?: string;
                    /** @description The session. */
                    readonly "X-Device-Session"?: string;
                    /** @description The client application. */
                    readonly "X-Device-Tenant"?: string;
                    /** @description How far the device is trusted for the user. */
                    readonly "X-Device-Trust"?: string;
                    /** @description The app's own id of the user; what is not visible ASCII, and `%`, is percent-encoded. */
                    readonly "X-Device-User"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It may not go on: its credentials are missing or not accepted. */
            readonly 401: {
                headers: {
                    /** @description With `use_dpop_nonce` and `proof_expired`: repeat with it (RFC 9449 section 9). */
                    readonly "DPoP-Nonce"?: string;
                    /** @description What to come back with (RFC 9110 section 11.6.1). */
                    readonly "WWW-Authenticate"?: string;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It may not go on, the proxy is not trusted, or what it says of the request is not accepted. To nginx also: no judgement was possible. */
            readonly 403: {
                headers: {
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No judgement was possible. */
            readonly 503: {
                headers: {
                    /** @description Seconds; with `unavailable`. */
                    readonly "Retry-After"?: number;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly judge_delete_for_envoy: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description What is asked of the request, as in the path of the others; Envoy's configuration sets it.
                 * @example key,trusted,assertion
                 */
                readonly "X-Countersign-Rule": string;
                /**
                 * @description The scheme that its client used.
                 * @example https
                 */
                readonly "X-Forwarded-Proto": string;
            };
            readonly path: {
                /**
                 * @description The held request's path, of any number of segments.
                 * @example orders
                 */
                readonly path: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may go on. Every header is there; those of which nothing is known are empty. */
            readonly 200: {
                headers: {
                    /** @description For the device's next proof, if its client always wants one. */
                    readonly "DPoP-Nonce"?: string;
                    /** @description A signed assertion, if the rule asks for one. */
                    readonly "X-Device-Assertion"?: string;
                    /** @description `true`, `false`, or empty while no rule was evaluated. */
                    readonly "X-Device-Compliant"?: string;
                    /** @description The device. */
                    readonly "X-Device-Id"?: string;
                    /** @description The session. */
                    readonly "X-Device-Session"?: string;
                    /** @description The client application. */
                    readonly "X-Device-Tenant"?: string;
                    /** @description How far the device is trusted for the user. */
                    readonly "X-Device-Trust"?: string;
                    /** @description The app's own id of the user; what is not visible ASCII, and `%`, is percent-encoded. */
                    readonly "X-Device-User"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It may not go on: its credentials are missing or not accepted. */
            readonly 401: {
                headers: {
                    /** @description With `use_dpop_nonce` and `proof_expired`: repeat with it (RFC 9449 section 9). */
                    readonly "DPoP-Nonce"?: string;
                    /** @description What to come back with (RFC 9110 section 11.6.1). */
                    readonly "WWW-Authenticate"?: string;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It may not go on, the proxy is not trusted, or what it says of the request is not accepted. To nginx also: no judgement was possible. */
            readonly 403: {
                headers: {
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No judgement was possible. */
            readonly 503: {
                headers: {
                    /** @description Seconds; with `unavailable`. */
                    readonly "Retry-After"?: number;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly judge_options_for_envoy: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description What is asked of the request, as in the path of the others; Envoy's configuration sets it.
                 * @example key,trusted,assertion
                 */
                readonly "X-Countersign-Rule": string;
                /**
                 * @description The scheme that its client used.
                 * @example https
                 */
                readonly "X-Forwarded-Proto": string;
            };
            readonly path: {
                /**
                 * @description The held request's path, of any number of segments.
                 * @example orders
                 */
                readonly path: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may go on. Every header is there; those of which nothing is known are empty. */
            readonly 200: {
                headers: {
                    /** @description For the device's next proof, if its client always wants one. */
                    readonly "DPoP-Nonce"?: string;
                    /** @description A signed assertion, if the rule asks for one. */
                    readonly "X-Device-Assertion"?: string;
                    /** @description `true`, `false`, or empty while no rule was evaluated. */
                    readonly "X-Device-Compliant"?: string;
                    /** @description The device. */
                    readonly "X-Device-Id"?: string;
                    /** @description The session. */
                    readonly "X-Device-Session"?: string;
                    /** @description The client application. */
                    readonly "X-Device-Tenant"?: string;
                    /** @description How far the device is trusted for the user. */
                    readonly "X-Device-Trust"?: string;
                    /** @description The app's own id of the user; what is not visible ASCII, and `%`, is percent-encoded. */
                    readonly "X-Device-User"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It may not go on: its credentials are missing or not accepted. */
            readonly 401: {
                headers: {
                    /** @description With `use_dpop_nonce` and `proof_expired`: repeat with it (RFC 9449 section 9). */
                    readonly "DPoP-Nonce"?: string;
                    /** @description What to come back with (RFC 9110 section 11.6.1). */
                    readonly "WWW-Authenticate"?: string;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It may not go on, the proxy is not trusted, or what it says of the request is not accepted. To nginx also: no judgement was possible. */
            readonly 403: {
                headers: {
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No judgement was possible. */
            readonly 503: {
                headers: {
                    /** @description Seconds; with `unavailable`. */
                    readonly "Retry-After"?: number;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly judge_head_for_envoy: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description What is asked of the request, as in the path of the others; Envoy's configuration sets it.
                 * @example key,trusted,assertion
                 */
                readonly "X-Countersign-Rule": string;
                /**
                 * @description The scheme that its client used.
                 * @example https
                 */
                readonly "X-Forwarded-Proto": string;
            };
            readonly path: {
                /**
                 * @description The held request's path, of any number of segments.
                 * @example orders
                 */
                readonly path: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may go on. Every header is there; those of which nothing is known are empty. */
            readonly 200: {
                headers: {
                    /** @description For the device's next proof, if its client always wants one. */
                    readonly "DPoP-Nonce"?: string;
                    /** @description A signed assertion, if the rule asks for one. */
                    readonly "X-Device-Assertion"?: string;
                    /** @description `true`, `false`, or empty while no rule was evaluated. */
                    readonly "X-Device-Compliant"?: string;
                    /** @description The device. */
                    readonly "X-Device-Id"?: string;
                    /** @description The session. */
                    readonly "X-Device-Session"?: string;
                    /** @description The client application. */
                    readonly "X-Device-Tenant"?: string;
                    /** @description How far the device is trusted for the user. */
                    readonly "X-Device-Trust"?: string;
                    /** @description The app's own id of the user; what is not visible ASCII, and `%`, is percent-encoded. */
                    readonly "X-Device-User"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It may not go on: its credentials are missing or not accepted. */
            readonly 401: {
                headers: {
                    /** @description With `use_dpop_nonce` and `proof_expired`: repeat with it (RFC 9449 section 9). */
                    readonly "DPoP-Nonce"?: string;
                    /** @description What to come back with (RFC 9110 section 11.6.1). */
                    readonly "WWW-Authenticate"?: string;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It may not go on, the proxy is not trusted, or what it says of the request is not accepted. To nginx also: no judgement was possible. */
            readonly 403: {
                headers: {
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No judgement was possible. */
            readonly 503: {
                headers: {
                    /** @description Seconds; with `unavailable`. */
                    readonly "Retry-After"?: number;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly judge_patch_for_envoy: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description What is asked of the request, as in the path of the others; Envoy's configuration sets it.
                 * @example key,trusted,assertion
                 */
                readonly "X-Countersign-Rule": string;
                /**
                 * @description The scheme that its client used.
                 * @example https
                 */
                readonly "X-Forwarded-Proto": string;
            };
            readonly path: {
                /**
                 * @description The held request's path, of any number of segments.
                 * @example orders
                 */
                readonly path: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may go on. Every header is there; those of which nothing is known are empty. */
            readonly 200: {
                headers: {
                    /** @description For the device's next proof, if its client always wants one. */
                    readonly "DPoP-Nonce"?: string;
                    /** @description A signed assertion, if the rule asks for one. */
                    readonly "X-Device-Assertion"?: string;
                    /** @description `true`, `false`, or empty while no rule was evaluated. */
                    readonly "X-Device-Compliant"?: string;
                    /** @description The device. */
                    readonly "X-Device-Id"?: string;
                    /** @description The session. */
                    readonly "X-Device-Session"?: string;
                    /** @description The client application. */
                    readonly "X-Device-Tenant"?: string;
                    /** @description How far the device is trusted for the user. */
                    readonly "X-Device-Trust"?: string;
                    /** @description The app's own id of the user; what is not visible ASCII, and `%`, is percent-encoded. */
                    readonly "X-Device-User"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It may not go on: its credentials are missing or not accepted. */
            readonly 401: {
                headers: {
                    /** @description With `use_dpop_nonce` and `proof_expired`: repeat with it (RFC 9449 section 9). */
                    readonly "DPoP-Nonce"?: string;
                    /** @description What to come back with (RFC 9110 section 11.6.1). */
                    readonly "WWW-Authenticate"?: string;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It may not go on, the proxy is not trusted, or what it says of the request is not accepted. To nginx also: no judgement was possible. */
            readonly 403: {
                headers: {
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No judgement was possible. */
            readonly 503: {
                headers: {
                    /** @description Seconds; with `unavailable`. */
                    readonly "Retry-After"?: number;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly judge_trace_for_envoy: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description What is asked of the request, as in the path of the others; Envoy's configuration sets it.
                 * @example key,trusted,assertion
                 */
                readonly "X-Countersign-Rule": string;
                /**
                 * @description The scheme that its client used.
                 * @example https
                 */
                readonly "X-Forwarded-Proto": string;
            };
            readonly path: {
                /**
                 * @description The held request's path, of any number of segments.
                 * @example orders
                 */
                readonly path: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may go on. Every header is there; those of which nothing is known are empty. */
            readonly 200: {
                headers: {
                    /** @description For the device's next proof, if its client always wants one. */
                    readonly "DPoP-Nonce"?: string;
                    /** @description A signed assertion, if the rule asks for one. */
                    readonly "X-Device-Assertion"?: string;
                    /** @description `true`, `false`, or empty while no rule was evaluated. */
                    readonly "X-Device-Compliant"?: string;
                    /** @description The device. */
                    readonly "X-Device-Id"?: string;
                    /** @description The session. */
                    readonly "X-Device-Session"?: string;
                    /** @description The client application. */
                    readonly "X-Device-Tenant"?: string;
                    /** @description How far the device is trusted for the user. */
                    readonly "X-Device-Trust"?: string;
                    /** @description The app's own id of the user; what is not visible ASCII, and `%`, is percent-encoded. */
                    readonly "X-Device-User"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It may not go on: its credentials are missing or not accepted. */
            readonly 401: {
                headers: {
                    /** @description With `use_dpop_nonce` and `proof_expired`: repeat with it (RFC 9449 section 9). */
                    readonly "DPoP-Nonce"?: string;
                    /** @description What to come back with (RFC 9110 section 11.6.1). */
                    readonly "WWW-Authenticate"?: string;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It may not go on, the proxy is not trusted, or what it says of the request is not accepted. To nginx also: no judgement was possible. */
            readonly 403: {
                headers: {
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No judgement was possible. */
            readonly 503: {
                headers: {
                    /** @description Seconds; with `unavailable`. */
                    readonly "Retry-After"?: number;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly judge_for_nginx: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description The held request's method.
                 * @example GET
                 */
                readonly "X-Original-Method": string;
                /**
                 * @description The scheme that its client used.
                 * @example https
                 */
                readonly "X-Original-Proto": string;
                /**
                 * @description The host that its client called, with its port.
                 * @example api.example
                 */
                readonly "X-Original-Host": string;
                /**
                 * @description Its path and query as they came.
                 * @example /orders?page=2
                 */
                readonly "X-Original-URI": string;
            };
            readonly path: {
                /**
                 * @description What is asked of the request: words of `session`, `key`, `compliant`, `trusted` or
                 *     `corporate`, and `assertion`, with commas between them.
                 * @example key,trusted,assertion
                 */
                readonly rule: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may go on. Every header is there; those of which nothing is known are empty. */
            readonly 200: {
                headers: {
                    /** @description For the device's next proof, if its client always wants one. */
                    readonly "DPoP-Nonce"?: string;
                    /** @description A signed assertion, if the rule asks for one. */
                    readonly "X-Device-Assertion"?: string;
                    /** @description `true`, `false`, or empty while no rule was evaluated. */
                    readonly "X-Device-Compliant"?: string;
                    /** @description The device. */
                    readonly "X-Device-Id"?: string;
                    /** @description The session. */
                    readonly "X-Device-Session"?: string;
                    /** @description The client application. */
                    readonly "X-Device-Tenant"?: string;
                    /** @description How far the device is trusted for the user. */
                    readonly "X-Device-Trust"?: string;
                    /** @description The app's own id of the user; what is not visible ASCII, and `%`, is percent-encoded. */
                    readonly "X-Device-User"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It may not go on: its credentials are missing or not accepted. */
            readonly 401: {
                headers: {
                    /** @description With `use_dpop_nonce` and `proof_expired`: repeat with it (RFC 9449 section 9). */
                    readonly "DPoP-Nonce"?: string;
                    /** @description What to come back with (RFC 9110 section 11.6.1). */
                    readonly "WWW-Authenticate"?: string;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It may not go on, the proxy is not trusted, or what it says of the request is not accepted. To nginx also: no judgement was possible. */
            readonly 403: {
                headers: {
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly judge_for_traefik: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description The held request's method.
                 * @example GET
                 */
                readonly "X-Forwarded-Method": string;
                /**
                 * @description The scheme that its client used.
                 * @example https
                 */
                readonly "X-Forwarded-Proto": string;
                /**
                 * @description The host that its client called, with its port.
                 * @example api.example
                 */
                readonly "X-Forwarded-Host": string;
                /**
                 * @description Its path and query as they came.
                 * @example /orders?page=2
                 */
                readonly "X-Forwarded-Uri": string;
            };
            readonly path: {
                /**
                 * @description What is asked of the request: words of `session`, `key`, `compliant`, `trusted` or
                 *     `corporate`, and `assertion`, with commas between them.
                 * @example key,trusted,assertion
                 */
                readonly rule: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may go on. Every header is there; those of which nothing is known are empty. */
            readonly 200: {
                headers: {
                    /** @description For the device's next proof, if its client always wants one. */
                    readonly "DPoP-Nonce"?: string;
                    /** @description A signed assertion, if the rule asks for one. */
                    readonly "X-Device-Assertion"?: string;
                    /** @description `true`, `false`, or empty while no rule was evaluated. */
                    readonly "X-Device-Compliant"?: string;
                    /** @description The device. */
                    readonly "X-Device-Id"?: string;
                    /** @description The session. */
                    readonly "X-Device-Session"?: string;
                    /** @description The client application. */
                    readonly "X-Device-Tenant"?: string;
                    /** @description How far the device is trusted for the user. */
                    readonly "X-Device-Trust"?: string;
                    /** @description The app's own id of the user; what is not visible ASCII, and `%`, is percent-encoded. */
                    readonly "X-Device-User"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It may not go on: its credentials are missing or not accepted. */
            readonly 401: {
                headers: {
                    /** @description With `use_dpop_nonce` and `proof_expired`: repeat with it (RFC 9449 section 9). */
                    readonly "DPoP-Nonce"?: string;
                    /** @description What to come back with (RFC 9110 section 11.6.1). */
                    readonly "WWW-Authenticate"?: string;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It may not go on, the proxy is not trusted, or what it says of the request is not accepted. To nginx also: no judgement was possible. */
            readonly 403: {
                headers: {
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No judgement was possible. */
            readonly 503: {
                headers: {
                    /** @description Seconds; with `unavailable`. */
                    readonly "Retry-After"?: number;
                    /** @description The `code` of the problem. */
                    readonly "X-Device-Refusal"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly introspect: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/x-www-form-urlencoded": components["schemas"]["TokenForm"];
            };
        };
        readonly responses: {
            /** @description Active or not (RFC 7662 section 2.2). */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Introspection"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly revoke: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/x-www-form-urlencoded": components["schemas"]["RevokeForm"];
            };
        };
        readonly responses: {
            /** @description The token is good for nothing (RFC 7009 section 2.2). */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The form is wrong (RFC 6749 section 5.2). */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OAuthError"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly issue_token: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description A proof for this method and URL, without `ath` (RFC 9449 section 5). */
                readonly DPoP?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/x-www-form-urlencoded": components["schemas"]["TokenRequest"];
            };
        };
        readonly responses: {
            /** @description A session began or went on. */
            readonly 200: {
                headers: {
                    /** @description For the device's next proof. */
                    readonly "DPoP-Nonce"?: string | null;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["TokenAnswer"];
                };
            };
            /** @description Refused (RFC 6749 section 5.2). */
            readonly 400: {
                headers: {
                    /** @description With `use_dpop_nonce`: repeat with it. */
                    readonly "DPoP-Nonce"?: string | null;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `invalid_client`. */
            readonly 401: {
                headers: {
                    /** @description What to come back with (RFC 9110 section 11.6.1). */
                    readonly "WWW-Authenticate"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description Too many refused calls from this address. */
            readonly 429: {
                headers: {
                    /** @description Seconds. */
                    readonly "Retry-After"?: number;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `server_error`: something failed here. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `temporarily_unavailable`: the issuer or the store can't be reached. */
            readonly 503: {
                headers: {
                    /** @description Seconds; with `unavailable`. */
                    readonly "Retry-After"?: number | null;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `server_error`: the store has no room left. */
            readonly 507: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OAuthError"];
                };
            };
        };
    };
    readonly list_api_keys: {
        readonly parameters: {
            readonly query?: {
                /** @description How many entries to skip. */
                readonly offset?: number;
                /** @description How many entries at most: 1 to 100, 20 when absent. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description One page. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OffsetPage_ApiKeyItem"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly create_api_key: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CreateApiKey"];
            };
        };
        readonly responses: {
            /** @description Made. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CreatedApiKey"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly revoke_api_key: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The key. */
                readonly key_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Revoked; repeating it changes nothing. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RevokedApiKey"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly list_approvals: {
        readonly parameters: {
            readonly query?: {
                /** @description Which ones. */
                readonly state?: "pending" | "approved" | "rejected" | "expired" | "all";
                /** @description How many to skip. */
                readonly offset?: number;
                /** @description How many at most: 1 to 100, 20 when absent. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description One page. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OffsetPage_ApprovalItem"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly approve: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The request. */
                readonly approval_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Approved; repeating it changes nothing. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ApprovalItem"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            /** @description It was decided otherwise before. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly reject: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The request. */
                readonly approval_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Rejected; repeating it changes nothing. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ApprovalItem"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            /** @description It was decided otherwise before. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly list_bans: {
        readonly parameters: {
            readonly query?: {
                /** @description Which ones. */
                readonly state?: "active" | "lifted" | "all";
                /** @description Only those that name this device. */
                readonly device_id?: string;
                /** @description How many to skip. */
                readonly offset?: number;
                /** @description How many at most: 1 to 100, 20 when absent. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description One page. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OffsetPage_BanItem"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly create_ban: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CreateBan"];
            };
        };
        readonly responses: {
            /** @description Banned; nobody accepts it any more. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["BanItem"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly lift_ban: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The ban. */
                readonly ban_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Lifted; repeating it changes nothing. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["BanItem"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly check_in: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CheckIn"];
            };
        };
        readonly responses: {
            /** @description Where it stands, and when to report again. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CheckedIn"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            /** @description The report, or a later one, came before. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly list_clients: {
        readonly parameters: {
            readonly query?: {
                /** @description How many entries to skip. */
                readonly offset?: number;
                /** @description How many entries at most: 1 to 100, 20 when absent. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description One page. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OffsetPage_ClientItem"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly create_client: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CreateClient"];
            };
        };
        readonly responses: {
            /** @description Registered. */
            readonly 201: {
                headers: {
                    /** @description Its version. */
                    readonly ETag?: string;
                    /** @description The client's path. */
                    readonly Location?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ClientItem"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly get_client: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The client. */
                readonly client_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The client. */
            readonly 200: {
                headers: {
                    /** @description Its version, for `If-Match`. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ClientItem"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly update_client: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the change is made on. */
                readonly "If-Match"?: string;
            };
            readonly path: {
                /** @description The client. */
                readonly client_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["UpdateClient"];
            };
        };
        readonly responses: {
            /** @description Changed. */
            readonly 200: {
                headers: {
                    /** @description Its new version. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ClientItem"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            /** @description `If-Match` names another version than the current one. */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly set_play_credentials: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The client. */
                readonly client_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SetPlayCredentials"];
            };
        };
        readonly responses: {
            /** @description Set. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PlayCredentialsItem"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly remove_play_credentials: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The client. */
                readonly client_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Removed; repeating it changes nothing. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly get_rules: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The rules. */
            readonly 200: {
                headers: {
                    /** @description Their number, for `If-Match`. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RulesItem"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly apply_rules: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The number of the rules that the change is made on. */
                readonly "If-Match"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ApplyRules"];
            };
        };
        readonly responses: {
            /** @description In force. */
            readonly 200: {
                headers: {
                    /** @description Their number. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RulesItem"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            /** @description No rules of this version were applied. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Other rules are in force than those that `If-Match` names. */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly list_rules: {
        readonly parameters: {
            readonly query?: {
                /** @description How many entries to skip. */
                readonly offset?: number;
                /** @description How many entries at most: 1 to 100, 20 when absent. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description One page. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OffsetPage_RulesItem"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly get_device: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The device. */
                readonly device_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The device. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DeviceRecord"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly get_device_compliance: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The device. */
                readonly device_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Where it stands. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DeviceCompliance"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly add_trust_evidence: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The device. */
                readonly device_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AddTrustEvidence"];
            };
        };
        readonly responses: {
            /** @description It counts. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["TrustOfDevice"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            /** @description The device has no key, or is revoked or banned. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly withdraw_trust_evidence: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The device. */
                readonly device_id: string;
                /** @description The evidence. */
                readonly evidence_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Withdrawn; repeating it changes nothing. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["TrustOfDevice"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly put_posture: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The device. */
                readonly device_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PutPosture"];
            };
        };
        readonly responses: {
            /** @description Where it stands. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DeviceCompliance"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            /** @description The device is revoked or banned. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly resume_device: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The device. */
                readonly device_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description In use; repeating it changes nothing. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DeviceStanding"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            /** @description It is revoked or banned. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly revoke_device: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The device. */
                readonly device_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Revoked; repeating it changes nothing. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DeviceStanding"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            /** @description It is banned. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly suspend_device: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The device. */
                readonly device_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Suspended; repeating it changes nothing. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DeviceStanding"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            /** @description It is revoked or banned. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly enroll_device: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description A proof by the device's key for this method and URL, without `ath`. */
                readonly DPoP: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Enroll"];
            };
        };
        readonly responses: {
            /** @description Enrolled. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Enrolled"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly ask_challenge: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AskChallenge"];
            };
        };
        readonly responses: {
            /** @description Given out. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NewChallenge"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly rotate_key: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description A proof by the new key for this method and URL, without `ath`. */
                readonly DPoP: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Rotate"];
            };
        };
        readonly responses: {
            /** @description Replaced; nobody accepts the old key any more. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Enrolled"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly unenroll_device: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description A proof by the device's key for this method and URL, without `ath`. */
                readonly DPoP: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Unenroll"];
            };
        };
        readonly responses: {
            /** @description Given up. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Unenrolled"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly pull_feed: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["FeedRequest"];
            };
        };
        readonly responses: {
            /** @description What is new. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FeedAnswer"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly report_seen: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["FeedSeenRequest"];
            };
        };
        readonly responses: {
            /** @description Taken in. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly read_feed_session: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["FeedSessionRequest"];
            };
        };
        readonly responses: {
            /** @description What there is. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FeedSessionAnswer"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly list_with_ticket: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description A proof by the refused device's key for this method and URL, without `ath`; where it has a key. */
                readonly DPoP?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ListWithTicket"];
            };
        };
        readonly responses: {
            /** @description The devices, at most 100. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CountedDevices"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly remove_with_ticket: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description A proof by the refused device's key for this method and URL, without `ath`; where it has a key. */
                readonly DPoP?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["RemoveWithTicket"];
            };
        };
        readonly responses: {
            /** @description Removed. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Ended"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            /** @description The device is none that counts. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly log_out: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Logged out. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Ended"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly list_own_devices: {
        readonly parameters: {
            readonly query?: {
                /** @description Which ones. */
                readonly state?: "active" | "past";
                /** @description How many at most: 1 to 100, 20 when absent. */
                readonly limit?: number;
                /** @description `next_cursor` of the page before. */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description One page. */
            readonly 200: {
                headers: {
                    /** @description `rel=next`, when there is more (RFC 8288). */
                    readonly Link?: string | null;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OwnDevices"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly remove_own_device: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The device. */
                readonly device_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Removed. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Ended"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly rename_own_device: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The device. */
                readonly device_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["RenameDevice"];
            };
        };
        readonly responses: {
            /** @description Renamed. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DeviceItem"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly log_out_own_device: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The device. */
                readonly device_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Logged out; repeating it changes nothing. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Ended"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly disown_device: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The device. */
                readonly device_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Cut off. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Ended"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            /** @description It is the device that makes the call. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly end_other_sessions: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Ended. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Ended"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly list_nodes: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Who takes part now. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NodeList"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly register_session: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["RegisterSession"];
            };
        };
        readonly responses: {
            /** @description A session went on. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RegisteredSession"];
                };
            };
            /** @description A session began. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RegisteredSession"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            /** @description A token belongs to another session. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly assert_device: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The session. */
                readonly session_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Assert"];
            };
        };
        readonly responses: {
            /** @description Accepted; the same assertion is not accepted again. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Asserted"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly replace_tokens: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The session. */
                readonly session_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AdoptedTokens"];
            };
        };
        readonly responses: {
            /** @description Taken; repeating it changes nothing. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["TokensReplaced"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            /** @description A token belongs to another session, or the session's tokens are Countersign's. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly list_user_devices: {
        readonly parameters: {
            readonly query?: {
                /** @description Which ones. */
                readonly state?: "active" | "past" | "all";
                /** @description Only those of this platform. */
                readonly platform?: "ios" | "android" | "web" | "desktop";
                /** @description How many to skip. */
                readonly offset?: number;
                /** @description How many at most: 1 to 100, 20 when absent. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                /** @description The app's own id of the user. */
                readonly user_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description One page. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OffsetPage_DeviceItem"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly remove_user_device: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The app's own id of the user. */
                readonly user_id: string;
                /** @description The device. */
                readonly device_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Removed. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Ended"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly rename_user_device: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The app's own id of the user. */
                readonly user_id: string;
                /** @description The device. */
                readonly device_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["RenameDevice"];
            };
        };
        readonly responses: {
            /** @description Renamed. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DeviceItem"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly log_out_user_device: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The app's own id of the user. */
                readonly user_id: string;
                /** @description The device. */
                readonly device_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Logged out; repeating it changes nothing. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Ended"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly disable_user: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The app's own id of the user. */
                readonly user_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Disabled; repeating it changes nothing. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["UserStanding"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly enable_user: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The app's own id of the user. */
                readonly user_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Enabled; repeating it changes nothing. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["UserStanding"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly unfreeze_user: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The app's own id of the user. */
                readonly user_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Not frozen; repeating it changes nothing. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["UserStanding"];
                };
            };
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
            readonly 507: components["responses"]["Full"];
        };
    };
    readonly verify: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["VerifyRequest"];
            };
        };
        readonly responses: {
            /** @description Judged; `allowed` says how. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["VerifyResponse"];
                };
            };
            readonly 400: components["responses"]["Invalid"];
            readonly 401: components["responses"]["Unauthenticated"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 413: components["responses"]["TooLarge"];
            readonly 415: components["responses"]["WrongMediaType"];
            readonly 429: components["responses"]["TooMany"];
            readonly 500: components["responses"]["Failed"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
}
