"""The one way to talk to a web service: pacing, retries, authentication, decoding, and errors in our words."""
