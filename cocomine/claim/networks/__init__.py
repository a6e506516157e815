"""What does a claim check ask of trained networks? The one place of it that loads PyTorch, in processes of its own."""
