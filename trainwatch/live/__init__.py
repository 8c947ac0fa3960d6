"""What just happened, handed on inside this process."""
