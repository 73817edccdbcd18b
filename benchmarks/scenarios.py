"""Changed batches made of honest descriptions: what a check of batches should notice.

    python benchmarks/scenarios.py

prints every scenario with what it does to an invented pool. A scenario draws rows of a pool
without replacement and alters an exact share of them at random places. All added texts are
invented: slots of a few templates are filled at random, which gives hundreds of different texts.

Two levels are told apart. The world has changed when people report other things, or other people
report; the texts are as they were written. A feed is faulty when the texts are no longer what was
written. Held-out scenarios are for looking at once, after everything is tuned.
"""

from __future__ import annotations

import html
import re
import string
import textwrap
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import numpy as np

WORLD, FAULT = "changed", "faulty"
"""The level that a check should give."""
MILD, STRONGER = "mild", "stronger"
NO_CATEGORY = "No category"
LONG = 40
"""Words above which a description is long; one honest one in eight is."""

Make = Callable[[np.random.Generator, Sequence[str], np.ndarray, int], list[int | str]]
Alter = Callable[[np.random.Generator, str], str]
"""An altered text, made from an honest one or instead of it."""
Weigh = Callable[[Sequence[str], np.ndarray], np.ndarray]
"""Which rows of the pool, (N,) booleans, are drawn more often."""


@dataclass(frozen=True)
class Scenario:
    """A way in which a batch is not what it was.

    Attributes
    ----------
    name : says what changed and in which share of the rows.
    level : WORLD or FAULT, which a check should give.
    strength : "mild" or "stronger".
    held_out : True for the variants that nobody tuned on.
    make : takes a generator, N honest texts, their labels, (N, 3) of 0 and 1, and n; returns n
        entries, each the row of a text that is used unchanged or a new or altered text.
    """

    name: str
    level: str
    strength: str
    held_out: bool
    make: Make


@dataclass(frozen=True)
class Phrases:
    """Invented texts: a random template, each slot filled at random."""

    templates: tuple[str, ...]
    slots: Mapping[str, tuple[str, ...]]

    def __call__(self, rng: np.random.Generator, text: str = "") -> str:
        """A text of its own, whatever ``text`` says."""
        filled = {name: _pick(rng, options) for name, options in self.slots.items()}
        made = _pick(rng, self.templates).format_map(filled)
        return made[:1].upper() + made[1:]


def scenarios(categories: Sequence[str]) -> list[Scenario]:
    """All scenarios: the stronger ones, the same weaker, and the held-out ones.

    Parameters
    ----------
    categories : names of the columns of the labels, in order.
    """
    found = []
    for strength, weight in ((STRONGER, 3), (MILD, 2)):
        for column, name in enumerate([*categories, NO_CATEGORY]):
            make = partial(_weighted, partial(_has_category, column), weight)
            found.append(Scenario(f"{name}'s rows weigh {weight}", WORLD, strength, False, make))
    for name, level, alter, strong, mild in ALTERED:
        for strength, share in ((STRONGER, strong), (MILD, mild)):
            make = partial(_altered, alter, share)
            found.append(Scenario(_named(name, share), level, strength, False, make))
    for strength, share in ((STRONGER, 0.15), (MILD, 0.06)):
        make = partial(_repeated, 1, share)
        found.append(Scenario(_named("One text", share), FAULT, strength, False, make))
    names: Alter = partial(_one_of, tuple(categories))
    held_out = [*HELD_OUT, ("Category names instead of texts", FAULT, names, 1.0)]
    for name, level, alter, share in held_out:
        make = partial(_altered, alter, share)
        found.append(Scenario(_named(name, share), level, STRONGER, True, make))
    make = partial(_repeated, 2, 0.1)
    found.append(Scenario("Two texts, 10 % each", FAULT, STRONGER, True, make))
    make = partial(_weighted, _is_long, 4)
    found.append(Scenario(f"Rows over {LONG} words weigh 4", WORLD, STRONGER, True, make))
    return found


def _named(name: str, share: float) -> str:
    return f"{name}, {share * 100:.0f} %"


def _pick(rng: np.random.Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]


# How a batch is drawn


def _weighted(
    weigh: Weigh,
    weight: float,
    rng: np.random.Generator,
    texts: Sequence[str],
    labels: np.ndarray,
    n: int,
) -> list[int | str]:
    weights = np.where(weigh(texts, labels), weight, 1.0)
    return list(map(int, rng.choice(len(texts), n, replace=False, p=weights / weights.sum())))


def _altered(
    alter: Alter,
    share: float,
    rng: np.random.Generator,
    texts: Sequence[str],
    labels: np.ndarray,
    n: int,
) -> list[int | str]:
    rows = rng.choice(len(texts), n, replace=False)
    entries: list[int | str] = list(map(int, rows))
    for place in rng.choice(n, round(share * n), replace=False):
        entries[place] = alter(rng, texts[rows[place]])
    return entries


def _repeated(
    different: int,
    share: float,
    rng: np.random.Generator,
    texts: Sequence[str],
    labels: np.ndarray,
    n: int,
) -> list[int | str]:
    """Each of ``different`` rows takes ``share`` of the batch; the others come once."""
    entries = rng.choice(len(texts), n, replace=False)
    copies = round(share * n)
    places = rng.choice(n, different * copies, replace=False).reshape(different, copies)
    for group in places:
        entries[group] = entries[group[0]]
    return list(map(int, entries))


def _has_category(column: int, texts: Sequence[str], labels: np.ndarray) -> np.ndarray:
    """Rows of one category; the column after the last stands for rows without any."""
    none = ~labels.any(axis=1)
    return np.column_stack([labels.astype(bool), none])[:, column]


def _is_long(texts: Sequence[str], labels: np.ndarray) -> np.ndarray:
    return np.array([len(text.split()) > LONG for text in texts])


# What is done to one text


def _with_phrase(phrases: Sequence[str], word: str, rng: np.random.Generator, text: str) -> str:
    return _pick(rng, phrases).format(text=text, bare=text.rstrip(" .,;!?"), word=word)


def _one_of(options: Sequence[str], rng: np.random.Generator, text: str) -> str:
    return _pick(rng, options)


def _cut(length: int, rng: np.random.Generator, text: str) -> str:
    return text[:length]


def _shortened(rng: np.random.Generator, text: str) -> str:
    return textwrap.shorten(text, 80, placeholder="...")


def _at_space(rng: np.random.Generator, text: str, mark: str) -> str:
    """The text with a mark instead of one of its spaces, or at its end."""
    spaces = [match.start() for match in re.finditer(" ", text)] or [len(text)]
    place = spaces[int(rng.integers(len(spaces)))]
    return text[:place] + mark + text[place + 1 :]


def _entities(rng: np.random.Generator, text: str) -> str:
    escaped = html.escape(text)
    return _at_space(rng, text, _pick(rng, ESCAPED)) if escaped == text else escaped


def _mojibake(rng: np.random.Generator, text: str) -> str:
    typeset = re.sub(r'"([^"]*)"', r"“\1”", text.replace("'", "’").replace(" - ", " – "))
    if typeset.isascii():
        typeset = _at_space(rng, text, _pick(rng, TYPESET))
    # cp1252 has no sign for five bytes; programs that read them so mostly show nothing.
    return typeset.encode().decode("cp1252", errors="ignore")


def _replaced(mark: str, rng: np.random.Generator, text: str) -> str:
    """Signs that a wrong encoding lost: apostrophes, otherwise one or two letters in words."""
    if "'" in text:
        return text.replace("'", mark)
    inner = [match.start() for match in re.finditer(r"(?<=\w)\w(?=\w)", text)]
    if not inner:
        return text + mark
    signs = list(text)
    for place in rng.choice(inner, min(len(inner), int(rng.integers(1, 3))), replace=False):
        signs[place] = mark
    return "".join(signs)


def _tags(rng: np.random.Generator, text: str) -> str:
    broken = re.sub(r"([.!?])\s+(?=\S)", r"\1<br>", text)
    return f"<p>{broken if broken != text else _at_space(rng, text, '<br>')}</p>"


def _no_spaces(rng: np.random.Generator, text: str) -> str:
    return re.sub(r"\s+", "", text)


def _some_spaces_lost(rng: np.random.Generator, text: str) -> str:
    return "".join(sign for sign in text if sign != " " or rng.random() >= 0.3)


def _upper(rng: np.random.Generator, text: str) -> str:
    return text.upper()


def _title(rng: np.random.Generator, text: str) -> str:
    return string.capwords(text, " ")


def _bare(rng: np.random.Generator, text: str) -> str:
    return re.sub(r"[^\w\s]|_", "", text.lower()) or text


def _one_word(rng: np.random.Generator, text: str) -> str:
    return _pick(rng, text.split() or [text])


def _doubled(rng: np.random.Generator, text: str) -> str:
    return f"{text.rstrip(' .')}. {text}"


def _prefixed(rng: np.random.Generator, text: str) -> str:
    return f"Reported via web form: {text}"


# Columns that are no descriptions


def _id(rng: np.random.Generator, text: str) -> str:
    return f"R-{rng.integers(1_000_000):06d}"


def _moment(pattern: str, rng: np.random.Generator, text: str) -> str:
    moment = datetime(2024, 1, 1) + timedelta(seconds=int(rng.integers(2 * 365 * 86_400)))
    return moment.strftime(pattern)


def _coordinates(rng: np.random.Generator, text: str) -> str:
    return f"{rng.uniform(8, 34):.5f}, {rng.uniform(68, 96):.5f}"


def _uuid(rng: np.random.Generator, text: str) -> str:
    return str(uuid.UUID(bytes=rng.bytes(16), version=4))


def _email(rng: np.random.Generator, text: str) -> str:
    name = f"{_pick(rng, FIRST_NAMES)}.{_pick(rng, LAST_NAMES)}{rng.integers(100)}"
    return f"{name.lower()}@example.{_pick(rng, ('org', 'com', 'net'))}"


def _person(rng: np.random.Generator, text: str) -> str:
    return f"{_pick(rng, FIRST_NAMES)} {_pick(rng, LAST_NAMES)}"


def _url(rng: np.random.Generator, text: str) -> str:
    return f"https://reports.example.org/{_pick(rng, ('item', 'map', 'r'))}/{rng.integers(100_000)}"


# Invented words and texts


def _options(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


def _phrases(*templates: str, **slots: str) -> Phrases:
    return Phrases(templates, {name: _options(options) for name, options in slots.items()})


FIRST_NAMES = _options(
    "Amari|Belna|Cirela|Dovan|Elwin|Farosh|Ginta|Harlo|Ishka|Jorin|Kelda|Lumo|Miravel|Nadir|Orla|"
    "Pavit|Quila|Renko|Sarit|Tovi|Ulma|Vesna|Wanja|Yorim|Zelka"
)
LAST_NAMES = _options(
    "Abarro|Bentolo|Cravik|Dunmere|Estova|Farrand|Gilmar|Hostra|Inkole|Jarvano|Kestrin|Lomati|"
    "Mendova|Norwell|Okanda|Pellari|Quorin|Rastogar|Sundari|Tavish|Umbara|Velmont|Wexley|Zandar"
)
CITIES = _options(
    "Delhi|Mumbai|Pune|Kolkata|Chennai|Nairobi|Mombasa|Kisumu|Kathmandu|Manila|Lagos|Jaipur|"
    "Bengaluru|Hyderabad|Lucknow|Goa|Yaounde|Cairo|Dhaka|Patna"
)
STATUSES = _options("open|closed|pending|verified|in review|rejected|new|archived")

ESCAPED = (
    "&nbsp;",
    "&nbsp;&nbsp;",
    " &amp; ",
    " &quot;hey you&quot; ",
    " (he didn&#39;t stop) ",
    " (my sister &amp; I) ",
    " (it&#39;s not the first time) ",
)
TYPESET = (
    " – ",
    " — ",
    "… ",
    " (I couldn’t move) ",
    " (it’s near the café) ",
    " – I didn’t answer – ",
    " “hey you” ",
    " (they’re always there) ",
)
PLACEHOLDERS = _options("n/a|test|null|xxx|-|none|TBD|asdf")

APP_PHRASES = (
    "{bare}. He then found me on {word}.",
    "{bare}, later he put it on {word}",
    "{bare}. They were filming for {word}.",
    "{bare}. I saw the video on {word} afterwards",
    "{bare} and asked for my {word} name",
    "{bare}. My friend told me to post it on {word}.",
    "{bare} it is the same group that is on {word}",
    "while I was making a {word} video, {text}",
    "it started on {word}. {text}",
    "I know him from {word}. {text}",
    "after a {word} meet up: {text}",
    "because of a {word} dare, {text}",
)
RIDE_PHRASES = (
    "{bare}. It was the {word} driver.",
    "I was waiting for my {word}. {text}",
    "{bare} and then I got into a {word} to get away",
    "{bare}, {word} did not answer my complaint",
    "on the way to my {word}, {text}",
    "{bare}. The {word} stop is right there.",
    "in a shared {word}. {text}",
    "{bare}. Since then I only take {word}.",
)
VENUE_PHRASES = (
    "{bare}. It was outside the {word}.",
    "near the {word}, {text}",
    "{bare}, just behind the {word}",
    "coming home from the {word}. {text}",
    "{bare}. The guard of the {word} saw it.",
    "{bare} and I ran into the {word}",
    "at the {word} again. {text}",
    "{bare}. People at the {word} know him.",
)

NEWS = _phrases(
    "{city} police {acted} a {age}-year-old {job} on {day} after {many} commuters complained of "
    "{deed} {place}, officials said.",
    "A {age}-year-old {job} has been accused of {deed} {place} in {city}, according to a "
    "statement released on {day}. {follow}",
    "Residents of {city} held a march on {day} against {deed} {place}. {follow}",
    "The number of complaints about {deed} {place} has risen by {age} per cent in {city} this "
    "year, a survey published on {day} has found. {follow}",
    "A court in {city} on {day} fined a {job}, {age}, over {deed} {place}. {follow}",
    "{many} women told reporters on {day} that they had faced {deed} {place} in {city}. {follow}",
    city="|".join(CITIES),
    acted="detained|questioned|arrested|charged|cautioned|released on bail",
    age="|".join(map(str, range(19, 58))),
    job="shopkeeper|driver|student|security guard|clerk|salesman|contractor|conductor|lecturer",
    day="Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
    many="two|three|four|five|several|a dozen|eleven|more than twenty",
    deed="verbal abuse|harassment|repeated stalking|lewd remarks|unwanted photographs|catcalling",
    place="on a suburban train|at a bus terminus|outside a women's college|in a shopping mall|"
    "near a metro station|at a weekly market|along the seafront|in a public park",
    follow="The investigation continues.|Activists have demanded better lighting.|The accused "
    "denies the allegations.|The transport authority promised more patrols.|A hearing is expected "
    "next month.|The ministry did not respond to a request for comment.",
)
SPANISH = _phrases(
    "{who} {did} {where} {when}. {end}",
    "{when} {who} {did} {where}. {end}",
    "{where} {who} {did}. {end}",
    who="un hombre|un señor mayor|un desconocido|un chico|un conductor|un vecino|un vendedor|"
    "un compañero|un guardia|un muchacho|un cobrador|un pasajero|alguien",
    did="me siguió|me silbó|me gritó cosas|me miraba sin parar|me tomó del brazo|me hizo señas|"
    "me dijo groserías|me cerró el paso|me tomó una foto|me pidió el teléfono|se rió de mí|"
    "se me acercó demasiado|me rozó la mano",
    where="en el autobús|en la parada|en el mercado|cerca de mi casa|en el tren|en el parque|"
    "en la calle principal|frente a la escuela|en la estación|en una tienda|en la playa|"
    "a la salida del trabajo",
    when="ayer por la tarde|esta mañana|el lunes|anoche|el fin de semana|hace una semana|"
    "al mediodía|muy temprano|el mes pasado|después de clases|el domingo|durante la fiesta",
    end="Tuve mucho miedo.|Nadie hizo nada.|Me fui corriendo.|No supe qué decir.|Me sentí muy "
    "mal.|Ya no paso por ahí.|Le grité y se fue.|La gente solo miraba.|Quiero que esto pare.|"
    "No es la primera vez.",
)
FRENCH = _phrases(
    "{who} {did} {where} {when}. {end}",
    "{when}, {who} {did} {where}. {end}",
    who="un homme|un inconnu|un garçon|un vieux monsieur|un chauffeur|un voisin|un collègue|"
    "un vendeur|un passager|un gardien|un jeune|quelqu'un",
    did="m'a suivie|m'a sifflée|m'a insultée|m'a fixée longtemps|m'a attrapé le bras|m'a fait "
    "des gestes|m'a barré le passage|m'a prise en photo|s'est moqué de moi|m'a demandé mon numéro|"
    "m'a crié dessus|s'est collé à moi",
    where="dans le bus|à la gare|au marché|près de chez moi|dans le métro|au parc|devant l'école|"
    "dans la rue|à l'arrêt de bus|dans un magasin|sur la plage|en sortant du travail",
    when="hier soir|ce matin|lundi dernier|la nuit dernière|ce week-end|il y a une semaine|"
    "à midi|très tôt|le mois dernier|après les cours|dimanche|pendant la fête",
    end="J'ai eu très peur.|Personne n'a réagi.|Je suis partie en courant.|Je ne savais pas quoi "
    "dire.|Je me suis sentie mal.|Je ne passe plus par là.|J'ai crié et il est parti.|Les gens "
    "regardaient.|Ça doit cesser.|Ce n'est pas la première fois.",
)
HINDI = _phrases(
    "{when} {where} {who} ने {did}। {end}",
    "{where} {who} ने {when} {did}। {end}",
    who="एक आदमी|एक लड़के|दो लड़कों|कुछ लोगों|एक ड्राइवर|एक पड़ोसी|एक दुकानदार|एक अजनबी|"
    "एक बूढ़े आदमी|एक कंडक्टर|एक गार्ड|कुछ छात्रों",
    did="मुझे घूरा|मेरा पीछा किया|मुझ पर सीटी बजाई|मेरा रास्ता रोका|मेरा हाथ पकड़ा|मुझे धक्का दिया|"
    "मेरी फोटो खींची|मुझे गंदे इशारे किए|मुझसे मेरा नंबर माँगा|मेरा मज़ाक उड़ाया|मुझ पर टिप्पणी की|"
    "मुझे बुरी बातें कहीं",
    where="बस में|स्टेशन पर|बाज़ार में|घर के पास|मेट्रो में|पार्क में|स्कूल के सामने|सड़क पर|"
    "बस स्टॉप पर|दुकान में|ट्रेन में|कॉलेज के बाहर",
    when="कल शाम को|आज सुबह|सोमवार को|कल रात|पिछले हफ्ते|दोपहर में|पिछले महीने|रविवार को|"
    "क्लास के बाद|मेले के दिन|दो दिन पहले|त्योहार के दिन",
    end="मुझे बहुत डर लगा।|किसी ने कुछ नहीं कहा।|मैं वहाँ से भाग गई।|मुझे बहुत बुरा लगा।|"
    "अब मैं वहाँ नहीं जाती।|यह पहली बार नहीं है।|मैंने शोर मचाया।|लोग बस देखते रहे।",
)
HINDI_ROMANISED = _phrases(
    "{when} {where} {who} ne {did}. {end}",
    "{where} {who} ne {when} {did}, {end}",
    who="ek aadmi|ek ladke|do ladkon|kuch logon|ek driver|ek padosi|ek dukandar|ek ajnabi|"
    "ek boodhe aadmi|ek conductor|ek guard|kuch chhatron",
    did="mujhe ghoora|mera peecha kiya|mujh par seeti bajayi|mera raasta roka|mera haath pakda|"
    "mujhe dhakka diya|meri photo kheenchi|mujhe gande ishaare kiye|mujhse mera number maanga|"
    "mera mazaak udaya|mujh par comment kiya|mujhe buri baatein kahi",
    where="bus mein|station par|bazaar mein|ghar ke paas|metro mein|park mein|school ke saamne|"
    "sadak par|bus stop par|dukaan mein|train mein|college ke bahar",
    when="kal shaam ko|aaj subah|somvaar ko|kal raat|pichhle hafte|dopahar mein|pichhle mahine|"
    "ravivaar ko|class ke baad|mele ke din|do din pehle|tyohaar ke din",
    end="mujhe bahut dar laga|kisi ne kuch nahi kaha|main wahan se bhaag gayi|mujhe bahut bura "
    "laga|ab main wahan nahi jaati|yeh pehli baar nahi hai|maine shor machaya|log bas dekhte rahe",
)
SWAHILI = _phrases(
    "{who} {did} {where} {when}. {end}",
    "{when} {who} {did} {where}. {end}",
    who="mwanaume mmoja|kijana mmoja|mzee mmoja|dereva|kondakta|jirani yangu|muuzaji|mlinzi|"
    "mwanafunzi mmoja|mgeni|abiria mmoja|mtu nisiyemjua",
    did="alinifuata|alinitazama vibaya|alinipigia mluzi|alinishika mkono|alinitukana|alinizuia "
    "njia|alinipiga picha bila ruhusa|alinisukuma|alinicheka|aliniomba namba ya simu|"
    "aliniambia maneno mabaya|alinisogelea sana",
    where="kwenye basi|kituoni|sokoni|karibu na nyumbani|barabarani|dukani|ufukweni|"
    "mbele ya shule|kwenye matatu|bustanini|kazini|mjini",
    when="jana jioni|leo asubuhi|jumatatu|jana usiku|wiki iliyopita|mchana|mwezi uliopita|"
    "jumapili|baada ya masomo|siku ya sherehe|juzi|alfajiri",
    end="Niliogopa sana.|Hakuna aliyenisaidia.|Nilikimbia.|Sikujua la kusema.|Nilijisikia "
    "vibaya.|Sipiti tena huko.|Nilipiga kelele akaondoka.|Watu walitazama tu.|Sio mara ya kwanza.",
)
ARABIC = _phrases(
    "{who} {did} {where} {when}. {end}",
    "{when} {who} {did} {where}. {end}",
    who="رجل غريب|شاب|رجل مسن|سائق|جاري|بائع|حارس|طالب|راكب|زميل|شخص مجهول|رجل",
    did="لاحقني|حدّق بي طويلا|صفّر لي|أمسك بيدي|شتمني|اعترض طريقي|صوّرني دون إذن|دفعني|"
    "سخر مني|طلب رقم هاتفي|قال لي كلاما سيئا|اقترب مني كثيرا",
    where="في الحافلة|في المحطة|في السوق|قرب البيت|في القطار|في الحديقة|أمام المدرسة|في الشارع|"
    "في المتجر|على الشاطئ|في المترو|عند باب العمل",
    when="مساء أمس|هذا الصباح|يوم الاثنين|ليلة أمس|الأسبوع الماضي|ظهرا|الشهر الماضي|يوم الأحد|"
    "بعد الدرس|قبل يومين|يوم العيد|في الصباح الباكر",
    end="خفت كثيرا.|لم يساعدني أحد.|هربت من المكان.|لم أعرف ماذا أقول.|شعرت بالضيق.|"
    "لم أعد أمر من هناك.|صرخت فذهب.|كان الناس يتفرجون فقط.|ليست المرة الأولى.",
)
GERMAN = _phrases(
    "{when} {where} hat mich {who} {did}. {end}",
    "{where} hat mich {when} {who} {did}. {end}",
    who="ein Mann|ein Fremder|ein Junge|ein alter Herr|ein Fahrer|ein Nachbar|ein Kollege|"
    "ein Verkäufer|ein Fahrgast|ein Wachmann|ein Jugendlicher|jemand",
    did="verfolgt|angestarrt|beleidigt|am Arm gepackt|angeschrien|ausgelacht|nicht "
    "vorbeigelassen|ungefragt fotografiert|nach meiner Nummer gefragt|bedrängt|festgehalten|"
    "mit Sprüchen belästigt",
    where="im Bus|am Bahnhof|auf dem Markt|vor meinem Haus|in der U-Bahn|im Park|vor der Schule|"
    "auf der Straße|an der Haltestelle|in einem Laden|am Strand|auf dem Heimweg",
    when="gestern Abend|heute früh|am Montag|letzte Nacht|am Wochenende|vor einer Woche|"
    "mittags|sehr früh|letzten Monat|nach dem Unterricht|am Sonntag|während des Festes",
    end="Ich hatte große Angst.|Niemand hat etwas getan.|Ich bin weggelaufen.|Ich wusste nicht, "
    "was ich sagen sollte.|Mir war schlecht.|Dort gehe ich nicht mehr hin.|Ich habe geschrien.|"
    "Die Leute haben nur zugesehen.|Das war nicht das erste Mal.",
)
POLICE_LOG = _phrases(
    "{time} HRS - {place}. CALLER REPORTS {who} {deed}. UNIT {unit} DISPATCHED. {end}",
    "Incident {unit}/{number}. {place}, {time} hrs. Complainant (F, {age}) states {who} {deed}. "
    "{end}",
    "{time} {place}: {who} {deed}. Compl. aged {age}. Ref {number}. {end}",
    time="0615|0740|0855|0930|1105|1220|1345|1510|1650|1735|1820|1915|2040|2155|2310",
    place="Sector 4 bus bay|Platform 2|Ring Rd junction|Market Sq|Hill Park east gate|"
    "Canal bridge|Block C car park|College Rd|Depot 7|Station underpass",
    who="male, 30s, blue shirt|unknown male|two male juveniles|male on motorcycle|"
    "male, approx 50|group of males|male, grey jacket",
    deed="following female pedestrian|making remarks to passers-by|loitering near entrance|"
    "taking photographs of commuters|blocking footpath|shouting at passengers|causing annoyance",
    unit="|".join(map(str, range(11, 31))),
    age="|".join(map(str, range(18, 50))),
    number="|".join(map(str, range(1042, 1999, 37))),
    end="GOA.|No further action.|Statement taken.|Suspect warned, left scene.|CCTV requested.|"
    "Enquiries ongoing.|Complainant advised.",
)
TWEETS = _phrases(
    "{handle} {what} {where} {tag} {tag2}",
    "{what} {where}!! {handle} when will this stop?? {tag}",
    "RT {handle}: {what} {where} {tag} {tag2}",
    "{tag} {what} {where}. cc {handle} {tag2} pls share",
    handle="@MetroHelpDesk|@city_cops|@BusLineInfo|@SafeWalkNow|@MayorOffice_|@RailSeva247|"
    "@nightbus_fan|@TheDailyPost_|@womenontrains|@ward12watch",
    what="smh creepy guy staring again|another day another catcall|guy kept following us lol not "
    "funny|dude filming girls w/o asking|so done w the whistling|uncle next to me wont stop "
    "talking|omg same weirdo as last week|some ppl rly need manners|reported this 3x & nothing",
    where="on the 42 bus|at central stn|on line 3|near gate 5|outside the mall|at the food "
    "street|on the late train|by the college gate|in the ladies coach|at the signal",
    tag="#NotOkay|#SafeStreets|#Enough|#MyCityMyRight|#NightOut|#StopStaring|#commute|#fail",
    tag2="#SpeakUp|#wherearethecops|#womensafety|#ugh|#shame|#DoSomething|#everyday|#tired",
)
REVIEWS = _phrases(
    "{stars} stars. {ride} {good}, but {bad}. {end}",
    "{ride} {good}. However {bad}. {end} {stars}/5",
    "{bad}. {ride} {good} at least. {end} Rating: {stars}",
    stars="1|2|3|4|5",
    ride="the car|the cab|the taxi|the auto|my ride to the airport|the shared ride|the trip|"
    "the phone case|the app",
    good="was clean|arrived on time|was cheap|was comfortable|was easy to book|smelled nice|"
    "came fast|looked as in the picture|was better than last time",
    bad="the driver took a long route|the fare was higher than shown|nobody answered my "
    "complaint|the AC did not work|the driver kept talking on the phone|I was charged twice|"
    "the seat was broken|the delivery was late|the driver was rude",
    end="Would not book again.|Recommended.|Ok for the price.|Please refund.|Never again!|"
    "Good value for money.|Customer service needs to improve.|Will use again.",
)
SURVEY = _phrases(
    "Q1: {yes}. Q2: {scale}. Q3: {place}. Q4: {often}. Q5: {yes2}. Q6: {number}",
    "Response {number}: {yes}; {scale}; {place}; {often}; {yes2}",
    "I would rate my experience as {scale}. Location: {place}. Frequency: {often}. Would report "
    "again: {yes}. Session {number}.",
    yes="yes|no|prefer not to say|not sure",
    yes2="agree|disagree|neither agree nor disagree|strongly agree|strongly disagree",
    scale="very safe|safe|neutral|unsafe|very unsafe|not applicable",
    place="public transport|street|school|workplace|market|home|other",
    often="never|once|a few times|monthly|weekly|daily",
    number="|".join(map(str, range(100, 1000, 13))),
)
LETTERS = _phrases(
    "Dear {to}, I am writing to {ask} the incident of {day} {month} {place}. {body} {close}",
    "To the {to}. Subject: {subject} {place}. With reference to my letter of {day} {month}, I wish "
    "to {ask} the said matter. {body} {close}",
    "Respected {to}, I hereby {ask} the conduct of {who} {place} on {day} {month}. {body} {close}",
    to="Sir or Madam|Station Manager|Principal|Commissioner|Ward Officer|Editor",
    ask="bring to your attention|formally complain about|request an inquiry into|"
    "express my concern about|place on record",
    day="|".join(map(str, range(1, 29))),
    month="January|February|March|April|May|June|July|August|September|October|November|December",
    place="at the main terminal|on your premises|in the northern ward|in the reading room|"
    "on the evening service|at the municipal office",
    subject="Improper conduct|Insufficient lighting|Repeated nuisance|Lack of supervision",
    who="an employee|a visitor|one of your conductors|a member of staff",
    body="I trust that appropriate measures will be taken without delay.|Several residents are "
    "prepared to confirm this account.|I would be grateful for a written reply within fourteen "
    "days.|The matter has caused considerable distress.|No action has been taken to date.",
    close="Yours faithfully.|Yours sincerely.|Thanking you in anticipation.|With kind regards.",
)
ONLINE = _phrases(
    "{who} {did} {where}. {end}",
    "{did} {where}, it was {who}. {end}",
    "since {when} {who} {did} {where}. {end}",
    who="a stranger|someone from my college|an old classmate|a fake account|a guy I blocked|"
    "an unknown number|a man twice my age|someone without a profile picture|my ex",
    did="keeps sending me messages|writes rude comments|asks for pictures|likes every old photo|"
    "made an account with my name|shared my number|sends voice notes|adds me to groups|"
    "posts about my looks|video calls without asking",
    where="on my posts|in my inbox|in a group chat|under my photos|on a dating app|on my "
    "channel|in the comments|in an online game|during live streams",
    when="last week|yesterday|march|my birthday|the new term|monday|the holidays",
    end="I blocked him and he came back with another account|I made my profile private.|The site "
    "said it breaks no rules|my friends told me to ignore it|I deleted the app.|I have "
    "screenshots.|he says it is only a joke|It does not stop.",
)
WORKPLACE = _phrases(
    "{who} {did} {where}. {end}",
    "{where} {who} {did}. {end}",
    "I am {job}. {who} {did} {where}. {end}",
    who="my manager|my boss|a senior colleague|the team lead|a client|the owner|a co-worker|"
    "the HR officer|our supervisor|a customer",
    did="makes remarks about my clothes|asks me out again and again|stares at me|stands too close|"
    "jokes about my body|puts his hand on my shoulder|calls me sweetheart|wants to meet after "
    "hours|comments on my looks|sends me late messages",
    where="in meetings|at the office|during the night shift|in the canteen|on business trips|"
    "in the lift|at the office party|in the store room|at my desk",
    job="an intern|a receptionist|new in the company|a nurse|a cashier|on probation|an assistant",
    end="I can not complain because of my job|HR did nothing.|I asked for another team.|I am "
    "looking for other work|everyone laughs.|I told him to stop.|my contract ends soon|"
    "nobody wants to be a witness.",
)

DATE, TIMESTAMP = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"

ALTERED: tuple[tuple[str, str, Alter, float, float], ...] = (
    ("New word bytetok", WORLD, partial(_with_phrase, APP_PHRASES, "bytetok"), 0.2, 0.08),
    ("Another source, news", WORLD, NEWS, 0.2, 0.08),
    ("Another language, Spanish", WORLD, SPANISH, 0.15, 0.06),
    ("Cut at 60 characters", FAULT, partial(_cut, 60), 0.5, 0.2),
    ("HTML entities", FAULT, _entities, 0.2, 0.08),
    ("Mojibake", FAULT, _mojibake, 0.2, 0.08),
    ("Placeholders", FAULT, partial(_one_of, PLACEHOLDERS), 0.1, 0.04),
    ("All spaces lost", FAULT, _no_spaces, 0.25, 0.08),
    ("Upper case", FAULT, _upper, 1.0, 0.4),
    ("Ids instead of texts", FAULT, _id, 1.0, 0.25),
    ("Dates instead of texts", FAULT, partial(_moment, DATE), 1.0, 0.25),
    ("Cities instead of texts", FAULT, partial(_one_of, CITIES), 1.0, 0.25),
    ("Statuses instead of texts", FAULT, partial(_one_of, STATUSES), 1.0, 0.25),
)
"""Name, level, what is done to a text, and in which share of the rows if stronger and if mild."""

HELD_OUT: tuple[tuple[str, str, Alter, float], ...] = (
    ("Cut at 40 characters", FAULT, partial(_cut, 40), 0.5),
    ("Cut at 100 characters", FAULT, partial(_cut, 100), 0.5),
    ("Cut at 140 characters", FAULT, partial(_cut, 140), 0.5),
    ("Shortened to 80 characters with ...", FAULT, _shortened, 0.5),
    ("New word zapride", WORLD, partial(_with_phrase, RIDE_PHRASES, "zapride"), 0.2),
    ("New word Zapride", WORLD, partial(_with_phrase, RIDE_PHRASES, "Zapride"), 0.2),
    ("New name blue lantern", WORLD, partial(_with_phrase, VENUE_PHRASES, "blue lantern"), 0.2),
    ("Another source, police log", WORLD, POLICE_LOG, 0.2),
    ("Another source, tweets", WORLD, TWEETS, 0.2),
    ("Another source, reviews", WORLD, REVIEWS, 0.2),
    ("Another source, survey bot", WORLD, SURVEY, 0.2),
    ("Another source, official letters", WORLD, LETTERS, 0.2),
    ("Another language, French", WORLD, FRENCH, 0.15),
    ("Another language, Hindi", WORLD, HINDI, 0.15),
    ("Another language, Hindi romanised", WORLD, HINDI_ROMANISED, 0.15),
    ("Another language, Swahili", WORLD, SWAHILI, 0.15),
    ("Another language, Arabic", WORLD, ARABIC, 0.15),
    ("Another language, German", WORLD, GERMAN, 0.15),
    ("Another topic, online", WORLD, ONLINE, 0.2),
    ("Another topic, workplace", WORLD, WORKPLACE, 0.2),
    ("Placeholder test", FAULT, partial(_one_of, ("test",)), 0.1),
    ("Placeholder no description", FAULT, partial(_one_of, ("no description provided",)), 0.1),
    (
        "Placeholder lorem ipsum",
        FAULT,
        partial(_one_of, ("Lorem ipsum dolor sit amet, consectetur adipiscing elit.",)),
        0.1,
    ),
    ("Placeholder undefined", FAULT, partial(_one_of, ("undefined",)), 0.1),
    ("Letters lost to U+FFFD", FAULT, partial(_replaced, "\ufffd"), 0.2),
    ("Letters lost to ?", FAULT, partial(_replaced, "?"), 0.2),
    ("HTML tags", FAULT, _tags, 0.2),
    ("Title case", FAULT, _title, 1.0),
    ("Lower case without punctuation", FAULT, _bare, 1.0),
    ("Three spaces in ten lost", FAULT, _some_spaces_lost, 1.0),
    ("One word left", FAULT, _one_word, 0.2),
    ("Doubled texts", FAULT, _doubled, 0.3),
    ("Prefix of a web form", FAULT, _prefixed, 1.0),
    ("E-mail addresses instead of texts", FAULT, _email, 1.0),
    ("Timestamps instead of texts", FAULT, partial(_moment, TIMESTAMP), 1.0),
    ("Coordinates instead of texts", FAULT, _coordinates, 1.0),
    ("Yes or no instead of texts", FAULT, partial(_one_of, ("yes", "no")), 1.0),
    ("UUIDs instead of texts", FAULT, _uuid, 1.0),
    ("Names instead of texts", FAULT, _person, 1.0),
    ("URLs instead of texts", FAULT, _url, 1.0),
)
"""Name, level, what is done to a text, and in which share of the rows."""


def show(known: Sequence[Scenario]) -> None:
    """Print every scenario, what it does to an invented pool, and two texts that it made."""
    rng = np.random.default_rng(0)
    pool = [WORKPLACE(rng) for _ in range(4_000)]
    labels = (rng.random((len(pool), 3)) < 0.3).astype(int)
    for scenario in known:
        entries = scenario.make(rng, pool, labels, 200)
        times = Counter(entries)
        made = [entry for entry in entries if isinstance(entry, str)]
        changed = len(made) + sum(isinstance(entry, int) and times[entry] > 1 for entry in entries)
        print(
            f"{scenario.name:44}{scenario.level:9}{scenario.strength:10}"
            f"{'held out' if scenario.held_out else '':10}{changed / len(entries):>5.0%}"
        )
        for text in made[:2]:
            print(f"    {text}")


if __name__ == "__main__":
    show(scenarios(("Commenting", "Ogling", "Groping")))
