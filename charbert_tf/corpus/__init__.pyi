from charbert_tf.corpus.corpus_parts import describe_inputs as describe_inputs
from charbert_tf.corpus.corpus_parts import find_corpus_parts as find_corpus_parts
from charbert_tf.corpus.corpus_preparation import CorpusPreparation as CorpusPreparation
from charbert_tf.corpus.pipeline import run_beam as run_beam
from charbert_tf.corpus.prepared_corpus import PreparedCorpus as PreparedCorpus
