from charbert_tf.export.served_model import ServedModel as ServedModel
from charbert_tf.export.serving_module import ServingModule as ServingModule
