"""The project's benchmark; ``scripts/bench`` runs it."""
