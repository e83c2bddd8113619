from charbert_tf.word_recognition.recognizer_dataset import (
    word_recognition_dataset as word_recognition_dataset,
)
from charbert_tf.word_recognition.recognizer_dataset import (
    word_recognition_files as word_recognition_files,
)
from charbert_tf.word_recognition.recognizer_vocabulary import (
    RecognizerVocabulary as RecognizerVocabulary,
)
from charbert_tf.word_recognition.word_corrector import WordCorrector as WordCorrector
from charbert_tf.word_recognition.word_recognizer import (
    WordRecognizer as WordRecognizer,
)
from charbert_tf.word_recognition.word_recognizer import (
    load_word_recognizer as load_word_recognizer,
)
