"""What is wrong between us and a service that is to be spoken to through TLS, told apart. Pure."""

import ssl

from migrator.core.error_codes import ErrorCode

_EXPIRED = 10
_HOST_NAMES = (62, 64)
_PLAIN = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")
_REFUSED = ("ALERT", "CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE")


def tls_trouble(error: BaseException | None) -> tuple[ErrorCode, str, str]:
    """Return the code, what is wrong in a few words, and what to do about it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return ErrorCode.CERTIFICATE, *_verification(error)
    reason = str(getattr(error, "reason", "") or "").upper()
    if any(name in reason for name in _PLAIN):
        step = "correct the port, or write http:// where no TLS is spoken (http.allow_plain_http)"
        return ErrorCode.WRONG_SERVICE, "what answers there speaks no TLS", step
    if any(name in reason for name in _REFUSED):
        step = (
            "if it wants a certificate of yours, set http.client_cert; else ask who runs it which TLS versions it takes"
        )
        return ErrorCode.CERTIFICATE, "it ended the handshake", step
    return (
        ErrorCode.CERTIFICATE,
        "no secure connection came about",
        "check http.ca_bundle, http.client_cert and the port",
    )


def _verification(error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    if error.verify_code == _EXPIRED:
        step = "have it renewed, and check this machine's clock"
        return "its certificate has expired", step
    if error.verify_code in _HOST_NAMES:
        return "its certificate is for another host name", "write the address with the name that the certificate has"
    step = "set http.ca_bundle to the file with your certificate authority's certificate"
    return "nobody whom this machine trusts has signed its certificate", step
