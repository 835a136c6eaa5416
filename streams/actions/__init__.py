"""What people do: each act comes in by one door, and is an event; the modules beside it are named as commands."""
