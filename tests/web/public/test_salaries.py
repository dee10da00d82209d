"""What free text says a job pays."""

from decimal import Decimal

import pytest

from web.public.salaries import Salary, salary_in


def euros(least: str | None, most: str | None, per: str = "MONTH") -> Salary:
    return Salary(Decimal(least) if least else None, Decimal(most) if most else None, per)


@pytest.mark.parametrize(
    ("text", "salary"),
    [
        ("Entre 2648 et 3054 € bruts mensuels selon expérience", euros("2648", "3054")),
        ("entre 2 648,79€ et 3 054,06€ bruts mensuels", euros("2648.79", "3054.06")),
        ("2 200\u2013\u202f3 100\u00a0€", euros("2200", "3100")),
        ("2648.79-3054.06€ bruts mensuels", euros("2648.79", "3054.06")),
        ("2.708,18 €", euros("2708.18", "2708.18")),
        ("2,648 euros gross per month", euros("2648", "2648")),
        ("€32,000 to €38,500 a year, gross", euros("32000", "38500", "YEAR")),
        ("entre 32000 et 47000 euros bruts annuel", euros("32000", "47000", "YEAR")),
        ("A partir de 2675,28 euros bruts", euros("2675.28", None)),
        ("jusqu’à 3 000 € bruts", euros(None, "3000")),
        ("2088 bruts", euros("2088", "2088")),
        ("2320,5 € bruts (pour une personne avec 3 à 5 ans d'expérience)", euros("2320.5", "2320.5")),
        ("", None),
        ("Selon expérience et grille", None),
        ("2 000 et 2 100", None),  # of what?
        ("entre 1650€ et 1800€ net par mois", None),
        ("environ 2400 euros bruts", None),
        ("1 950 € + primes", None),
        ("15 € bruts de l’heure", None),
        ("$3000 a month gross", None),
        ("2 650 € la première année, 2 800 € la deuxième, 3 000 € ensuite", None),
        ("entre 3054 et 2648 €", None),
        ("entre 2000 et 32000 €", None),
        ("32000 € bruts mensuels", None),
        ("2500 € bruts annuels", None),
        ("2643 € pour une exp < 2 ans ou 3766 €", None),
        ("9" * 5000 + " €", None),
    ],
)
def test_a_salary_is_read_where_there_is_no_doubt(text: str, salary: Salary | None) -> None:
    assert salary_in(text) == salary
