"""Reports: what the workspace knows, as documents and files."""
