"""How Chat-X reaches AWS: the templates, and the check of all that deployments depend on."""
