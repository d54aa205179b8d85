"""The server machinery that all stand-ins share: latency, rate limits, faults on purpose, a request log."""
