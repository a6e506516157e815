"""Which selection would serve better, and what is wrong with this one."""
