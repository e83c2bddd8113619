"""The data sets of the paper: files, labels, first score and hyper-parameters.

To add one is to add an entry to a file here, or a file, and its name to `DATA_SETS` of
`charbert_tf.families`.

Hyper-parameters are those of the authors' scripts where there is one (`shell/` of
github.com/wtma/CharBERT; a batch is what all of its GPUs take): squad.sh, qnli.sh,
ner.sh and pos.sh. There is none for the other tasks of GLUE, which take QNLI's, with
fewer epochs if they have many examples, nor for WNUT-2017, which takes CoNLL-2003's.
"""
