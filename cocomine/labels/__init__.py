"""From annotations to the label maps that a network is trained on."""
