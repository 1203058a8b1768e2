"""What triggers and conditions of the integration's own stand on."""
