"""What `scripts/deploy.py` does, step by step; it knows AWS and git, and nothing of the application but its addresses."""
