"""The analyses of section 6: segmentation, whole and split words, sensitivity."""
