"""What people in the sample world write, by what it is about.

Data only: sentences with gaps, and what fills them. The topic and whether it complains about the bank are the truth.
"""

from random import Random
from typing import Literal, NamedTuple

Topic = Literal["investments", "markets", "advice", "service", "other"]


class Phrase(NamedTuple):
    """One text with its truth."""

    text: str
    topic: Topic
    is_complaint: bool
    language: str


FILLERS: dict[str, tuple[str, ...]] = {
    "bank": ("@examplebank", "@ExampleBank", "Example Bank", "@examplebank"),
    "again": ("again", "for the third time this month", "twice this week", "once more"),
    "minutes": ("25", "40", "45", "50", "70"),
    "days": ("four days", "a week", "ten days", "two weeks"),
    "sum": ("$38", "$120", "$250", "$499", "$1,200"),
    "town": ("Hartford", "Stamford", "New Haven", "Norwich", "Danbury", "Torrington", "Storrs"),
    "place": ("the grocery store", "the pharmacy", "a gas station", "the farm stand", "the train station"),
    "fund": ("index funds", "ETFs", "a bond fund", "dividend stocks", "municipal bonds", "mutual funds"),
    "index": ("the Dow", "the Nasdaq", "the S&P", "Wall Street"),
    "move": (
        "down 2% before lunch",
        "up for the fifth day",
        "all over the place today",
        "closing at a record high",
    ),
    "kin": ("my kids", "our daughter", "the twins", "my parents", "my son"),
    "plant": ("garlic", "tulip bulbs", "kale", "a dogwood", "two blueberry bushes"),
    "tail": ("", "", "", " #CT", " Ugh.", " smh", " 🙄", " Anyone else?", " Monday, I guess."),
    "smile": ("", "", " :)", " 👍", " Love it.", " #CT", " ❤️"),
}

COMPLAINTS: dict[Topic, tuple[str, ...]] = {
    "service": (
        "{bank} charged me twice {again} and nobody picks up the phone.{tail}",
        "{minutes} minutes on hold with {bank} and then they hung up on me.{tail}",
        "My card got declined at {place} even though there is money in the account. Embarrassing, {bank}.{tail}",
        "The {bank} app is down {again}. I can't even see my balance.{tail}",
        "{bank} took a {sum} overdraft fee for their own mistake. This is unacceptable.{tail}",
        "Still waiting {days} for a refund of {sum}. Terrible service, {bank}.{tail}",
        "Worst branch visit ever in {town}: one teller, {minutes} minutes in line, rude answer. {bank}{tail}",
        "{bank} locked me out of online banking and support has no answer. So frustrating.{tail}",
        "I am fed up with {bank}: the transfer of {sum} has been missing for {days}.{tail}",
        "The ATM in {town} kept my card and {bank} says it's not their problem. Awful.{tail}",
        "{bank} my deposit is still not there after {days}. Ridiculous.{tail}",
        "Third wrong statement in a row from {bank}. I'm thinking about switching banks.{tail}",
        "Why does {bank} charge a {sum} fee for a transfer that never arrived? Angry.{tail}",
        "Great, another {minutes} minutes in the call center queue of {bank}. Just terrible.{tail}",
        "{bank} closed my account by mistake and no one can fix it. Horrible customer service.{tail}",
        "Login is broken {again}, {bank}. The app keeps crashing and I can't pay my bills.{tail}",
    ),
}
TEXTS: dict[Topic, tuple[str, ...]] = {
    "service": (
        "Thanks {bank}, the teller in {town} sorted out my new card in five minutes.{smile}",
        "{bank} what are the opening hours of the {town} branch on Saturday?",
        "Deposited a check with the {bank} app from the couch. Easy.{smile}",
        "Shout-out to {bank} customer service, they refunded {sum} the same day.{smile}",
        "The new {bank} ATM in {town} finally takes deposits.{smile}",
        "Does the {bank} debit card work abroad without extra fees?",
        "Not a complaint for once: {bank} support answered in two minutes. Great job.{smile}",
        "New online banking of {bank} looks really good.{smile}",
    ),
    "investments": (
        "Thinking about moving some savings into {fund} this fall.{smile}",
        "Finally opened a brokerage account and bought {fund}.{smile}",
        "My portfolio is half {fund}, half cash. Feels right.{smile}",
        "Reinvesting the dividends into {fund} again this quarter.",
        "Put {sum} into {fund} today, small steps.{smile}",
        "Reading about {fund} all weekend, ready to invest a little.{smile}",
        "Is anyone else investing in {fund} through {bank}?",
        "Sold a few shares, buying {fund} instead.",
        "Rebalanced my portfolio: less stocks, more {fund}.",
        "Kids asked what stocks are. Bought them one share each.{smile}",
    ),
    "markets": (
        "{index} {move}.{tail}",
        "What a day for the markets, {index} {move}.",
        "Everyone at work talks about the Fed and the rate cut.",
        "Inflation numbers tomorrow, {index} already nervous.",
        "So is this a bull market or the top? {index} {move}.",
        "Markets shrug off the news from Washington, {index} {move}.",
        "Recession talk again while {index} is {move}.",
        "Earnings season starts and the volatility is back.",
    ),
    "advice": (
        "Can anyone recommend a financial advisor near {town}?",
        "How much should I be saving for retirement at 40? Looking for advice.",
        "Should we refinance the mortgage now or wait until spring? Good advice welcome.{smile}",
        "Looking for advice on a college fund for {kin}.",
        "Would love to talk to an adviser at {bank} about retirement.{smile}",
        "Roth IRA or 401k first? Need some good financial advice.{smile}",
        "First home in {town}! How big should the down payment be, any advice?",
        "Time to make a retirement plan, who is a good advisor?{smile}",
        "What does {bank} advise about mortgages for a first home?",
        "Estate planning for {kin}: lawyer first or financial planner first?",
    ),
    "other": (
        "Planted {plant} before the frost.{smile}",
        "The ocean was calm at Hammonasset this morning.{smile}",
        "School play tonight, {kin} got a part.{smile}",
        "Leaves are at their peak around {town}.{smile}",
        "Walked along the river bank with the dog, then coffee in {town}.",
        "Pumpkins and cider with {kin} in {town}.{smile}",
        "Gardening all weekend, my back knows it.",
        "Traffic on 95 near {town} is something else today.",
        "Anyone know what the sirens in {town} are about?",
        "The UConn game last night!!! What a finish.",
        "Governor is in {town} today, streets are closed.",
        "Best apple pie of the year at the {town} fair.{smile}",
        "Rain all day in {town}, perfect for soup.",
        "New bakery in {town} has the longest croissants I have ever seen.",
        "Train to the city was late {again}, Metro-North never changes.",
        "{kin} learned to ride a bike on our street.{smile}",
        "Power is back after the storm, thank you line workers.",
        "Lost my umbrella on the bus in {town}, if you find it: red, old, loved.",
        "Morning run by the harbor, six miles before breakfast.",
        "The neighbor's rooster has no idea what time it is.",
    ),
}
FOREIGN: tuple[Phrase, ...] = (
    Phrase("{bank} me cobró dos veces otra vez y nadie contesta el teléfono.", "service", True, "es"),
    Phrase(
        "Llevo {minutes} minutos esperando en la sucursal de {bank}. Pésimo servicio.", "service", True, "es"
    ),
    Phrase("Qué bonito está el otoño en {town}, los árboles parecen de fuego.", "other", False, "es"),
    Phrase("Hoy hicimos tamales con la familia en {town}.", "other", False, "es"),
    Phrase(
        "Estoy pensando en poner mis ahorros en un fondo, ¿alguien sabe de eso?", "investments", False, "es"
    ),
    Phrase(
        "La carte de {bank} ne marche plus depuis ce matin, quel service lamentable.", "service", True, "fr"
    ),
    Phrase("Belle promenade au bord de la mer près de {town} ce matin.", "other", False, "fr"),
    Phrase("On a planté des tulipes avant l'hiver, vivement le printemps.", "other", False, "fr"),
)
WORLD: tuple[str, ...] = (
    "Whatever the governor says, the school budget will not pass.",
    "The ocean is warmer than ever, and Iran talks are back in the news.",
    "Gardening tip of the day: never water at noon.",
    "Democrat or Republican, nobody reads the bill before the vote.",
    "CT scan went fine, thank you all for the kind messages.",
    "#metoo panel tonight, doors open at seven.",
)
"""Texts that hold a tracked word and come from anywhere: `track` and `locations` are joined with OR."""
HARD: tuple[Phrase, ...] = (
    Phrase("Farmers market in {town}: apples, cider and a band.", "other", False, "en"),
    Phrase("Invested in a good rake, best decision of the fall.", "other", False, "en"),
    Phrase(
        "The train company charged me twice for one ticket. Their app, of course, is broken.",
        "other",
        False,
        "en",
    ),
    Phrase("Sitting on the river bank, waiting for the fish. Nobody bites.", "other", False, "en"),
    Phrase(
        "Love how {bank} puts me on hold for {minutes} minutes to tell me to call back. Brilliant.",
        "service",
        True,
        "en",
    ),
)
"""Texts whose words mislead."""
_SHARES: dict[Topic, int] = {"other": 40, "service": 12, "advice": 16, "investments": 18, "markets": 14}


def complaint(rng: Random) -> Phrase:
    """A complaint about the bank, in English."""
    return Phrase(fill(rng, rng.choice(COMPLAINTS["service"])), "service", True, "en")


def about(rng: Random, topic: Topic) -> Phrase:
    """Something that is no complaint, in English."""
    return Phrase(fill(rng, rng.choice(TEXTS[topic])), topic, False, "en")


def anything(rng: Random, complaints: float) -> Phrase:
    """Whatever a person may write; `complaints` is the share of complaints, one in sixteen is foreign or hard."""
    dice = rng.random()
    if dice < 0.05:
        return _filled(rng, rng.choice(FOREIGN))
    if dice < 0.065:
        return _filled(rng, rng.choice(HARD))
    if rng.random() < complaints:
        return complaint(rng)
    return about(rng, rng.choices(list(_SHARES), list(_SHARES.values()))[0])


def fill(rng: Random, text: str) -> str:
    """The text with every gap filled."""
    return text.format(**{gap: rng.choice(words) for gap, words in FILLERS.items()})


def _filled(rng: Random, phrase: Phrase) -> Phrase:
    return phrase._replace(text=fill(rng, phrase.text))
