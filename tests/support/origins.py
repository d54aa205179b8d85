"""The policy on addresses as a table: who gets the credentials, and what is not asked at all."""

from migrator.http.origins import AddressRules

HTTPS = AddressRules("https://api.eu.wdesk.com", ["*.wdesk.com", "store.example:8443"])
HTTP = AddressRules("http://qac.acme.example:8080/rest-api", ["files.acme.example", "10.1.2.3:*"])
IPV6 = AddressRules("https://[2001:db8::1]:8443", ["[2001:db8::2]"])
ANONYMOUS = AddressRules("https://qa.example", ["*.example"], anonymous=True)
NAMES = {id(HTTPS): "Workiva", id(HTTP): "plain http", id(IPV6): "IPv6", id(ANONYMOUS): "for a text"}

Line = tuple[AddressRules, str, bool, str]
"""Policy, address, whether it gets the credentials, and how the refusal to ask it begins (empty: it is asked)."""
TABLE: list[Line] = [
    (HTTPS, "https://api.eu.wdesk.com/x", True, ""),
    (HTTPS, "https://API.EU.wdesk.com:443/x", True, ""),
    (HTTPS, "https://api.eu.wdesk.com:8443/x", False, ""),
    (HTTPS, "https://files.wdesk.com/x", True, ""),
    (HTTPS, "https://files.wdesk.com:444/x", False, ""),
    (HTTPS, "https://store.example:8443/x", True, ""),
    (HTTPS, "https://store.example/x", False, ""),
    (HTTPS, "http://files.wdesk.com/x", False, "leaves https"),
    (HTTPS, "https://evilwdesk.com/x", False, ""),
    (HTTPS, "https://wdesk.com.evil.example/x", False, ""),
    (HTTPS, "https://api.eu.wdesk.com@evil.example/x", False, "no usable"),
    (HTTPS, "https://me:pass@api.eu.wdesk.com/x", False, "no usable"),
    (HTTPS, "file:///etc/passwd", False, "no usable"),
    (HTTPS, "gopher://x/", False, "no usable"),
    (HTTPS, "https:///x", False, "no usable"),
    (HTTPS, "https://[broken", False, "no usable"),
    (HTTPS, "https://x:99999/", False, "no usable"),
    (HTTPS, "", False, "no usable"),
    (HTTP, "http://qac.acme.example:8080/x", True, ""),
    (HTTP, "http://qac.acme.example/x", False, ""),
    (HTTP, "http://qac.acme.example:9090/x", False, ""),
    (HTTP, "https://qac.acme.example:8080/x", False, ""),
    (HTTP, "http://files.acme.example/x", True, ""),
    (HTTP, "http://files.acme.example:81/x", False, ""),
    (HTTP, "http://10.1.2.3:9000/x", True, ""),
    (HTTP, "http://10.1.2.4/x", False, "internal"),
    (HTTP, "http://169.254.169.254/latest/meta-data", False, "internal"),
    (HTTP, "http://127.0.0.1:6379/", False, "internal"),
    (HTTP, "http://localhost/", False, "internal"),
    (HTTP, "http://[::1]/", False, "internal"),
    (HTTP, "http://[::ffff:10.0.0.1]/", False, "internal"),
    (HTTP, "http://[fe80::1%25eth0]/", False, "internal"),
    (HTTP, "http://93.184.215.14/x", False, ""),
    (IPV6, "https://[2001:db8::1]:8443/x", True, ""),
    (IPV6, "https://[2001:db8::2]/x", True, ""),
    (IPV6, "https://[2001:db8::3]/x", False, ""),
    (ANONYMOUS, "https://qa.example/x", False, ""),
    (ANONYMOUS, "https://other.example/x", False, ""),
    (ANONYMOUS, "http://qa.example/x", False, "leaves https"),
]
