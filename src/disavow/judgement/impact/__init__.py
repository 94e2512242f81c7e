"""Did it help, and what got through? Everything here is a query over Sightings (design section 4)."""
