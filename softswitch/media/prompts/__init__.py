"""The texts of all prompts, from which their recordings are made."""
