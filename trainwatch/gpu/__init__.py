"""GPUs as their driver tells of them."""
