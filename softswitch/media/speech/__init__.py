"""Text-to-speech by programs of the machine, in processes of their own."""
