-- One row: the day of the last complete extraction.
select date(as_of) as as_of_date
from about
