"""Voicemail: leaving and hearing messages, greetings, mail, message lamps."""
