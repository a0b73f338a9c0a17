"""SDP, sans-IO (RFC 8866, RFC 3264)."""
