"""The handshakes under WebRTC media, sans-IO."""
