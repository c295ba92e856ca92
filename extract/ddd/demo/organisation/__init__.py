"""A simulated organisation: people, teams and boards, the life of each task, and a weekly release train."""
