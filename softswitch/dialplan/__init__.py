"""The dialplan: which extension, which actions; pure functions."""
