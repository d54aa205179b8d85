"""A secret in every spelling that a service may repeat it in, written without the code that is to find them."""

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_NET = {character: f"\\u{ord(character):04X}" for character in "\"&'+<>`"}
_ENTITIES = {character: f"&#x{ord(character):X};" for character in "\"&'<>/=`"}


def spellings(secret: str) -> set[str]:
    """Return the secret as it is, escaped for addresses, JSON and HTML as different systems do it, and in base64."""
    data = secret.encode(errors="surrogatepass")
    encoded = {base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode()}
    return _escaped(secret) | encoded | {text.rstrip("=") for text in encoded}


def spelled_twice(secret: str) -> set[str]:
    """Return what becomes of the escaped ones when they are escaped once more."""
    ways = (lambda text: json.dumps(text)[1:-1], html.escape, lambda text: quote(text, safe=""))
    return {way(text) for text in _escaped(secret) for way in ways}


def in_base64(secret: str) -> set[str]:
    """Return base64 of what a secret may stand in, at each of the three places where it can begin."""
    heads = ("Bearer ", "Basic ", "x", "xx", '{"key": "', "user:")
    return {base64.b64encode(f"{head}{secret} and more".encode()).decode() for head in heads}


def _escaped(secret: str) -> set[str]:
    data = secret.encode(errors="surrogatepass")
    quoted = {quote(data, safe=""), quote(data), quote_plus(data), "".join(f"%{byte:02X}" for byte in data)}
    quoted |= {_PERCENT.sub(lambda found: found[0].lower(), text) for text in quoted}
    jsons = {json.dumps(secret, ensure_ascii=plain)[1:-1] for plain in (True, False)}
    jsons |= {text.replace("/", "\\/") for text in jsons}
    jsons.add("".join(_NET.get(letter, json.dumps(letter)[1:-1]) for letter in secret))
    if secret.isascii():
        jsons.add("".join(f"\\u{ord(letter):04x}" for letter in secret))
    htmls = {html.escape(secret, quote=False), html.escape(secret), html.escape(secret).replace("&#x27;", "&#39;")}
    htmls |= {text.replace("&quot;", "&#34;") for text in htmls}
    htmls |= {text.encode("ascii", "xmlcharrefreplace").decode() for text in htmls}
    htmls.add("".join(_ENTITIES.get(letter, letter) for letter in secret))
    htmls.add("".join(f"&#{ord(letter)};" for letter in secret))
    htmls.add("".join(f"&#x{ord(letter):x};" for letter in secret))
    return {secret, *quoted, *jsons, *htmls}
