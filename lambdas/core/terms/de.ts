/** The terms of a transfer, in Markdown. The vendor replaces the text by its own. */
export const de = `
# Bedingungen für die Übertragung einer Lizenz

1. Die Lizenz geht vom alten auf den neuen Host über. Sie behält ihre Nummer, ihren Vertrag und ihren Anteil an den Optionen.
2. Der alte Host darf weiterlaufen, bis der neue zum ersten Mal erneuert hat. Von da an werden seine Erneuerungen abgelehnt.
3. Die Lizenzdatei auf dem alten Host bleibt bis zu dem Tag gültig, der in ihr steht. Von der Übernahme an verwenden Sie sie
   nicht mehr. Sie beenden das Produkt auf dem alten Host oder entfernen dort die Lizenzdatei.
4. Eine Lizenz berechtigt zu jeder Zeit einen Host. Eine Übertragung ist kein Weg, mehr Hosts zu betreiben als bestellt.
5. Eine Lizenz kann innerhalb von 365 Tagen begrenzt oft übertragen werden. Der Hersteller kann mehr erlauben.
6. Wer diese Bedingungen wann und in welcher Fassung angenommen hat, wird festgehalten und aufbewahrt.
`;
