"""Writes fingerprint-vectors.json: the fingerprints that Python's own json and hashlib give."""

import hashlib
import json
import pathlib

FIELDS = ("user_agent", "screen", "timezone", "language", "platform", "canvas")
CASES = [
    ("Mozilla/5.0 (X11; Linux x86_64)", "1920x1080", "America/New_York", "en-US", "MacIntel", None),
    ("Mozilla/5.0 (X11; Linux x86_64)", "1920x1080", "America/New_York", "en-US", "MacIntel", ""),
    ("Mozilla/5.0 (X11; Linux x86_64)", "1920x1080", "America/New_York", "en-US", "MacIntel", "c0ffee"),
    ("", "", "", "", "", None),
    ("Grüße", "1x1", "Europe/Zürich", "de-CH", "ÄÖÜ", "ß"),
    ("日本語 ブラウザ", "1x1", "Asia/Tokyo", "ja", "東京", None),
    ("emoji 🔐 and 👩‍💻", "1x1", "UTC", "en", "x", "🦀"),
    ('quote " backslash \\ slash /', "1x1", "UTC", "en", "x", None),
    ("tab\tline\nreturn\rfeed\fback\b", "1x1", "UTC", "en", "x", None),
    ("nul\0 esc\x1b del\x7f", "1x1", "UTC", "en", "x", None),
    ("separators \u2028\u2029 nbsp\u00a0", "1x1", "UTC", "en", "x", None),
    ("last plane \U0010ffff", "1x1", "UTC", "en", "x", None),
    ("a" * 4096, "1x1", "UTC", "en", "x", None),
]


def fingerprint(ua, screen, tz, lang, platform, canvas):
    components = {"ua": ua, "screen": screen, "tz": tz, "lang": lang, "platform": platform}
    if canvas:
        components["canvas"] = canvas
    canonical = json.dumps(components, sort_keys=True)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


vectors = [dict(zip(FIELDS, case), fingerprint=fingerprint(*case)) for case in CASES]
path = pathlib.Path(__file__).with_name("fingerprint-vectors.json")
path.write_text(json.dumps(vectors, indent=1) + "\n")
