"""Vocabularies that are made here have hardly an unknown subword in any script."""

import random

import pytest
import tensorflow as tf

import charbert_tf
from charbert_tf.text.subword_tokenizers import make_subword_tokenizer
from charbert_tf.vocabularies.counted_vocabularies import count_words
from charbert_tf.vocabularies.word_piece_vocabulary import learn_word_piece_vocabulary

# Words, and what stands between two of them.
LANGUAGES = {
    "Thai": (
        "ฉัน คุณ เขา เรา ไป มา กิน ข้าว น้ำ บ้าน โรงเรียน หนังสือ อ่าน เขียน "
        "รัก ดี ใหญ่ เล็ก วันนี้ พรุ่งนี้ เมื่อวาน ตลาด รถไฟ แม่น้ำ ภูเขา "
        "ประเทศ ภาษา ไทย เด็ก ผู้ใหญ่ ทำงาน ร้านอาหาร กาแฟ ฝน ตก ร้อน หนาว "
        "เพื่อน ครู ที่ และ ของ ใน กับ ไม่ ได้",
        "",
    ),
    "Chinese": (
        "我 你 他 我们 今天 明天 昨天 学校 老师 学生 书 看 写 喜欢 大 小 水 山 "
        "河 国家 语言 中文 朋友 工作 饭馆 咖啡 下雨 热 冷 火车 市场 家 在 和 的 "
        "不 了 是 有 很 去 来 吃 米饭 孩子",
        "",
    ),
    "Arabic": (
        "أنا أنتَ هو نحن اليوم غدًا أمسِ المدرسة المعلّم الطالب كتاب يقرأ يكتب "
        "يحبّ كبير صغير ماء جبل نهر بلد لغة العربيّة صديق عمل مطعم قهوة مطر "
        "حارّ بارد قطار سوق بيت في مع من لا",
        " ",
    ),
    "Hindi": (
        "मैं तुम वह हम आज कल विद्यालय शिक्षक विद्यार्थी किताब पढ़ता लिखता प्रेम "
        "बड़ा छोटा पानी पहाड़ नदी देश भाषा हिन्दी मित्र काम भोजनालय कॉफ़ी बारिश "
        "गरम ठंडा रेलगाड़ी बाज़ार घर में साथ से नहीं है",
        " ",
    ),
    "German": (
        "ich du er wir heute morgen gestern Schule Lehrer Schüler Buch liest "
        "schreibt mag groß klein Wasser Berg Fluss Land Sprache Deutsch Freund "
        "Arbeit Gasthaus Kaffee Regen heiß kalt Zug Markt Haus "
        "Straßenbahnhaltestelle Übergröße Ärger Öl und mit",
        " ",
    ),
    "Turkish": (
        "ben sen o biz bugün yarın dün okul öğretmen öğrenci kitap okuyor "
        "yazıyor seviyor büyük küçük su dağ nehir ülke dil Türkçe arkadaş iş "
        "lokanta kahve yağmur sıcak soğuk tren çarşı ev İstanbul Iğdır Şişli "
        "içinde ile ve değil ığdırlılardanmışsınız",
        " ",
    ),
}
CLAUSES, WORDS = 120, (3, 9)


def clauses(language, seed):
    words, space = LANGUAGES[language]
    words, rng = words.split(), random.Random(seed)
    return [
        space.join(rng.choice(words) for _ in range(rng.randint(*WORDS)))
        for _ in range(CLAUSES)
    ]


@pytest.mark.parametrize("lowercase", [True, False], ids=["uncased", "cased"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_few_subwords_are_unknown(language, lowercase):
    learnt_from, others = clauses(language, 0), clauses(language, 1)
    assert 2_000 < len(" ".join(learnt_from).encode()) < 20_000
    pieces = learn_word_piece_vocabulary(count_words(learnt_from), 400, lowercase)
    tokenizer = make_subword_tokenizer(charbert_tf.BertTokenizer(pieces, lowercase))
    ids = tokenizer(tf.constant(others)).token_ids
    unknown = (ids.values.numpy() == tokenizer.unknown_token_id).mean()
    assert unknown < 0.05
    # And where there are spaces, pieces are longer than characters.
    letters = sum(len(clause.replace(" ", "")) for clause in others)
    assert not LANGUAGES[language][1] or len(ids.values) < 0.8 * letters
