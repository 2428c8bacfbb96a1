"""The providers that carry messages, each behind the same small face."""
