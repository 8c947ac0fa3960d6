"""What `trainwatch doctor` looks at: each check returns findings, and changes nothing."""
