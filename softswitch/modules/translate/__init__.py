"""Numbers written anew by the rules of a profile."""
