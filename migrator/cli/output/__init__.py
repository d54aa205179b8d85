"""What a person sees at the terminal, or a script reads."""
