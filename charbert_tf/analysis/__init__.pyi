from charbert_tf.analysis.edit_kinds import analyze_edit_kinds as analyze_edit_kinds
from charbert_tf.analysis.edit_kinds import count_edit_kinds as count_edit_kinds
from charbert_tf.analysis.segmentation import (
    analyze_segmentation as analyze_segmentation,
)
from charbert_tf.analysis.segmentation import draw_segmentation as draw_segmentation
from charbert_tf.analysis.sensitivity import analyze_sensitivity as analyze_sensitivity
from charbert_tf.analysis.sensitivity import draw_sensitivity as draw_sensitivity
from charbert_tf.analysis.sensitivity import (
    draw_word_sensitivity as draw_word_sensitivity,
)
from charbert_tf.analysis.sensitivity import (
    load_encoder_of_words as load_encoder_of_words,
)
from charbert_tf.analysis.sensitivity import mean_sensitivities as mean_sensitivities
from charbert_tf.analysis.sensitivity import word_sensitivities as word_sensitivities
from charbert_tf.analysis.word_vs_subword import (
    analyze_word_vs_subword as analyze_word_vs_subword,
)
from charbert_tf.analysis.word_vs_subword import (
    draw_word_vs_subword as draw_word_vs_subword,
)
