"""Given names, the short forms people use instead, and surnames.

Data only; who gets which is decided in `people`.
"""

_GIVEN = """
James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph
Jessica Thomas Sarah Charles Karen Christopher Lisa Daniel Nancy Matthew Betty Anthony Margaret Mark Sandra
Donald Ashley Steven Kimberly Paul Emily Andrew Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian
Dorothy George Melissa Timothy Deborah Ronald Stephanie Edward Rebecca Jason Sharon Jeffrey Laura Ryan
Cynthia Jacob Kathleen Gary Amy Nicholas Angela Eric Shirley Jonathan Anna Stephen Brenda Larry Pamela
Justin Emma Scott Nicole Brandon Helen Benjamin Samantha Samuel Katherine Gregory Christine Alexander Debra
Frank Rachel Patrick Carolyn Raymond Janet Jack Catherine Dennis Maria Jerry Heather Tyler Diane Aaron Ruth
Jose Julie Adam Olivia Nathan Joyce Henry Virginia Douglas Victoria Zachary Kelly Peter Lauren Kyle
Christina Ethan Joan Walter Evelyn Noah Judith Jeremy Megan
"""
GIVEN = tuple(_GIVEN.split())
SHORT = {
    "James": "Jim",
    "Robert": "Bob",
    "Patricia": "Pat",
    "Jennifer": "Jen",
    "Michael": "Mike",
    "Elizabeth": "Liz",
    "William": "Bill",
    "Barbara": "Barb",
    "Richard": "Rick",
    "Joseph": "Joe",
    "Thomas": "Tom",
    "Christopher": "Chris",
    "Daniel": "Dan",
    "Matthew": "Matt",
    "Anthony": "Tony",
    "Margaret": "Peggy",
    "Steven": "Steve",
    "Kimberly": "Kim",
    "Andrew": "Andy",
    "Kenneth": "Ken",
    "Timothy": "Tim",
    "Deborah": "Deb",
    "Edward": "Ted",
    "Rebecca": "Becky",
    "Nicholas": "Nick",
    "Katherine": "Kate",
    "Alexander": "Alex",
    "Samuel": "Sam",
}
_SURNAMES = """
Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson
Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis
Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera
Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart
Morris Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim
Cox Ward Richardson Watson Brooks Chavez Wood James Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo
Sanders Patel Myers Long Ross Foster Jimenez Powell Jenkins Perry Russell Sullivan Bell Coleman Butler
Henderson Barnes Fisher Vasquez Simmons Graham Murray Ford Hamilton Wallace West Cole Hayes Bryant Gibson
Ellis Stevens Medina Freeman Wells Webb Simpson Tucker Burns Crawford O'Brien McCarthy D'Angelo Kowalski
Nowak Wisniewski Rossi Esposito Romano Pelletier Bouchard Ouellette Thibodeau Fitzgerald Callahan Donovan
Gallagher Szymanski Lombardi DeLuca Santoro Silva Pereira Fernandes Chen Wang Singh Khan Okafor Mensah
Haddad Petrov Johansson Lindqvist Schneider Goldberg Rosenthal Kaplan Abramowitz
"""
SURNAMES = tuple(_SURNAMES.split())
PRODUCTS = {
    "checking": (200, 12_000),
    "savings": (500, 60_000),
    "mortgage": (60_000, 520_000),
    "brokerage": (2_000, 450_000),
    "retirement": (5_000, 700_000),
    "insurance": (1_000, 90_000),
}
"""Products and the range of their values, US dollars."""
ADVISORS = (
    "A. Whitfield",
    "B. Okonkwo",
    "C. Marchetti",
    "D. Lindgren",
    "E. Vasquez",
    "F. Nakamura",
    "G. Prentiss",
)
