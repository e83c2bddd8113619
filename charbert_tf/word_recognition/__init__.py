"""The baseline that corrects words before a model sees them (Pruthi et al., 2019)."""
