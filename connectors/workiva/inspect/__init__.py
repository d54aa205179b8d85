"""Looking Workiva over before a migration."""
