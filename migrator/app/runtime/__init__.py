"""What the commands share: one session of both sides and the workspace, its log, its end."""
