from charbert_tf.checkpoints.conversion import convert_to_preset as convert_to_preset
from charbert_tf.checkpoints.conversion import export_preset as export_preset
from charbert_tf.checkpoints.conversion import load_preset as load_preset
from charbert_tf.checkpoints.huggingface import load_huggingface as load_huggingface
from charbert_tf.checkpoints.huggingface import save_huggingface as save_huggingface
from charbert_tf.checkpoints.released import load_released as load_released
from charbert_tf.checkpoints.released import released_heads as released_heads
from charbert_tf.checkpoints.released import save_released as save_released
