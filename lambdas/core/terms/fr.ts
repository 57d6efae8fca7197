/** The terms of a transfer, in Markdown. The vendor replaces the text by its own. */
export const fr = `
# Conditions du transfert d’une licence

1. La licence passe de l’ancien hôte au nouvel hôte. Elle garde son numéro, son contrat et sa part des options.
2. L’ancien hôte peut continuer jusqu’au premier renouvellement du nouvel hôte. Ensuite, ses renouvellements sont refusés.
3. Le fichier de licence présent sur l’ancien hôte reste valable jusqu’à la date qui y figure. Dès la reprise, vous ne
   l’utilisez plus. Vous arrêtez le produit sur l’ancien hôte, ou vous y supprimez le fichier de licence.
4. Une licence autorise un seul hôte à la fois. Un transfert ne permet pas d’exploiter plus d’hôtes que commandés.
5. Une licence peut être transférée un nombre limité de fois en 365 jours. L’éditeur peut en autoriser davantage.
6. Qui a accepté ces conditions, quand et dans quelle version est enregistré et conservé.
`;
