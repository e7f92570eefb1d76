"""What plays a session: the transport, what is known of the session, and the keys of a desktop."""
