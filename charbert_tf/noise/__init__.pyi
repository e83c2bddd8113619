from charbert_tf.noise.training_noise import TrainingNoise as TrainingNoise
