/** The names that columns have in exports of shop systems and in tables that people write, in nine languages. */

/**
 * Accepted names of each field, most preferred first. Case, accents, spaces and punctuation are ignored, and so is what stands in
 * brackets after a name. Languages: English, German, French, Spanish, Italian, Portuguese, Polish, Dutch, Japanese.
 */
export const COLUMN_NAMES = {
  // prettier-ignore
  id: [
    'id', 'offer_id', 'sku', 'item_id', 'product_id', 'retailer_id', 'product_code', 'productID', 'article_number', 'item_number',
    'Artikelnummer', 'Artikelnr', 'Art.-Nr.', 'Artikel-ID', 'Produktnummer', 'Produkt-ID', 'Bestellnummer',
    'Identifiant', 'Référence', 'ID produit', 'Référence produit', 'Code article', 'Identificador', 'Referencia', 'Código', 'ID producto',
    'Codice', 'Codice prodotto', 'Codice articolo', 'Riferimento', 'ID prodotto', 'Referência', 'Código do produto', 'ID do produto',
    'Identyfikator', 'Kod produktu', 'ID produktu', 'Numer produktu', 'Kod', 'Productcode', 'Productnummer', 'Referentie',
    '商品ID', '商品コード', '商品番号', '商品管理番号', '品番',
  ],
  /** Names a variant even where the id names the product. */
  sku: ['variant_sku', 'sku', 'product_sku', 'product_code_sku', 'Reference', 'variant_id'],
  // prettier-ignore
  title: [
    'title', 'name', 'productDisplayName', 'product_name', 'product_title', 'item_name',
    'Titel', 'Bezeichnung', 'Artikelbezeichnung', 'Produktbezeichnung', 'Artikelname', 'Produktname',
    'Titre', 'Nom', 'Nom du produit', 'Désignation', 'Libellé', 'Título', 'Nombre', 'Nombre del producto', 'Titolo', 'Nome',
    'Nome prodotto', 'Nome del prodotto', 'Denominazione', 'Nome do produto', 'Tytuł', 'Nazwa', 'Nazwa produktu', 'Naam',
    'Productnaam', 'タイトル', '商品名', '品名', '名称', '名前',
  ],
  // prettier-ignore
  picture: [
    'picture', 'image', 'photo', 'file', 'filename', 'image_path', 'picture_path', 'image_link', 'image_url', 'image_src', 'base_image',
    'product_image_url', 'product_image', 'main_image', 'main_image_url', 'photo_url', 'picture_url', 'image_file', 'featured_image', 'internal_image_url',
    'images', 'image_urls', 'pictures', 'photos', 'image_1', 'picture_1', 'image_url_1', 'image_link_1', 'product_image_url_1',
    'product_image_file_1', 'image[0].url', 'small_image', 'thumbnail_image', 'variant_image', 'variant_image_url',
    'Bild', 'Foto', 'Bilddatei', 'Bild-URL', 'Bildlink', 'Bildpfad', 'Bildname', 'Produktbild', 'Artikelbild', 'Hauptbild', 'Bilder',
    'Abbildung', 'Lien image', "Lien de l'image", "URL de l'image", 'URL image', 'Chemin image', 'Image principale', 'Fichier image',
    'Imagen', 'Enlace imagen', 'Enlace de imagen', 'URL imagen', 'URL de imagen', 'Imagen principal', 'Imágenes', 'Immagine',
    'Link immagine', 'URL immagine', 'Immagine principale', 'Immagini', 'Imagem', 'Link da imagem', 'URL da imagem',
    'Imagem principal', 'Imagens', 'Zdjęcie', 'Zdjęcia', 'Obraz', 'Obrazek', 'Link do zdjęcia', 'Link do obrazka', 'URL zdjęcia',
    'Adres zdjęcia', 'Afbeelding', 'Afbeeldingen', 'Afbeelding URL', 'Afbeeldingslink', 'Plaatje', '画像', '写真', '画像URL',
    '画像リンク', '商品画像', '商品画像URL', 'メイン画像', '画像ファイル',
  ],
  // prettier-ignore
  additional_picture: [
    'additional_image_link', 'additional_image_links', 'additional_images', 'additional_image_url', 'additional_image_urls',
    'gallery_images', 'more_images', 'Weitere Bilder', 'Zusatzbilder', 'Images supplémentaires', 'Imágenes adicionales',
    'Immagini aggiuntive', 'Imagens adicionais', 'Dodatkowe zdjęcia', 'Extra afbeeldingen', '追加画像', 'サブ画像',
  ],
  // prettier-ignore
  link: [
    'link', 'url', 'product_url', 'product_link', 'permalink', 'canonical_link', 'Produktlink', 'Produkt-URL', 'Artikel-URL', 'Lien',
    'Lien produit', 'URL produit', 'Enlace', 'URL producto', 'Link prodotto', 'URL prodotto', 'Collegamento', 'Link do produto',
    'URL do produto', 'Ligação', 'Odnośnik', 'Link do produktu', 'Adres URL', 'Productlink', 'Product-URL', 'リンク', '商品リンク', '商品URL',
  ],
  // prettier-ignore
  price: [
    'price', 'variant_price', 'price_tax_incl', 'price_tax_included', 'price_incl_tax', 'price_incl_vat', 'gross_price', 'low_price',
    'selling_price', 'Preis', 'Preis brutto', 'Bruttopreis', 'Verkaufspreis', 'VK brutto', 'VK', 'Prix', 'Prix TTC', 'Prix de vente',
    'Precio', 'Precio de venta', 'Precio con IVA', 'Prezzo', 'Prezzo di vendita', 'Preço', 'Preço de venda', 'Cena', 'Cena brutto',
    'Prijs', 'Verkoopprijs', '価格', '販売価格', '税込価格', '値段', 'price_tax_excl', 'price_tax_excluded', 'Prix HT', 'Preis netto',
  ],
  // prettier-ignore
  sale_price: [
    'sale_price', 'special_price', 'offer_price', 'discounted_price', 'Angebotspreis', 'Sonderpreis', 'Aktionspreis',
    'Prix promotionnel', 'Prix promo', 'Prix soldé', 'Prix réduit', 'Precio rebajado', 'Precio de oferta', 'Precio oferta',
    'Prezzo scontato', 'Prezzo in offerta', 'Preço promocional', 'Preço com desconto', 'Cena promocyjna', 'Actieprijs',
    'Aanbiedingsprijs', 'セール価格', '特価', '割引価格',
  ],
  // prettier-ignore
  regular_price: [
    'regular_price', 'compare_at_price', 'variant_compare_at_price', 'original_price', 'list_price', 'retail_price', 'rrp', 'msrp',
    'old_price', 'was_price', 'UVP', 'Streichpreis', 'Normalpreis', 'Regulärer Preis', 'Prix barré', 'Prix normal', 'Prix régulier',
    'Tarif régulier', 'Precio normal', 'Precio regular', 'Precio original', 'Prezzo di listino', 'Prezzo normale', 'Preço normal',
    'Preço original', 'Cena regularna', 'Cena katalogowa', 'Normale prijs', 'Adviesprijs', '通常価格', '定価',
  ],
  sale_dates: ['sale_price_effective_date', 'sale_dates', 'sale_period'],
  sale_from: [
    'sale_from',
    'date_sale_price_starts',
    'date_on_sale_from',
    'special_price_from_date',
    'special_from_date',
  ],
  sale_until: [
    'sale_until',
    'date_sale_price_ends',
    'date_on_sale_to',
    'special_price_to_date',
    'special_to_date',
  ],
  // prettier-ignore
  currency: [
    'currency', 'currency_code', 'price_currency', 'Währung', 'Devise', 'Moneda', 'Valuta', 'Moeda', 'Waluta', 'Munteenheid', '通貨',
  ],
  // prettier-ignore
  type: [
    'type', 'articleType', 'Typ', 'Artikelart', 'Produktart', 'Produkttyp', 'Warengruppe', 'Type de produit', 'Tipo',
    'Tipo de producto', 'Tipologia', 'Tipo di prodotto', 'Tipo de produto', 'Rodzaj', 'Typ produktu', 'Soort',
    '種類', 'タイプ', '商品タイプ',
  ],
  // prettier-ignore
  colour: [
    'colour', 'color', 'baseColour', 'baseColor', 'Farbe', 'Couleur', 'Colore', 'Cor', 'Kolor', 'Barwa', 'Kleur', '色', 'カラー',
  ],
  // prettier-ignore
  size: [
    'size', 'sizes', 'Größe', 'Groesse', 'Konfektionsgröße', 'Taille', 'Pointure', 'Talla', 'Tamaño', 'Taglia', 'Misura', 'Tamanho',
    'Rozmiar', 'Maat', 'サイズ',
  ],
  // prettier-ignore
  gender: [
    'gender', 'google_shopping_gender', 'sex', 'Geschlecht', 'Genre', 'Sexe', 'Género', 'Sexo', 'Genere', 'Sesso', 'Gênero', 'Płeć',
    'Geslacht', '性別',
  ],
  // prettier-ignore
  category: [
    'category', 'masterCategory', 'Kategorie', 'Catégorie', 'Rayon', 'Categoría', 'Categoria', 'Kategoria', 'Categorie', 'カテゴリ',
    'カテゴリー',
  ],
  subcategory: ['subcategory', 'Unterkategorie', 'Sous-catégorie', 'Subcategoría', 'サブカテゴリ'],
  season: ['season', 'Saison', 'Temporada', 'Stagione', 'Sezon', 'Seizoen', 'シーズン', '季節'],
  usage: ['usage', 'Verwendung', 'Anlass', 'Utilisation', 'Uso', 'Zastosowanie', 'Gebruik', '用途'],
  // prettier-ignore
  availability: [
    'availability', 'stock_status', 'availability_status', 'Verfügbarkeit', 'Lagerstatus', 'Disponibilité', 'Disponibilidad',
    'Disponibilità', 'Disponibilidade', 'Dostępność', 'Beschikbaarheid', 'Voorraadstatus', '在庫状況', '在庫状態', '販売状況',
  ],
  // prettier-ignore
  in_stock: ['in_stock', 'is_in_stock', 'available', 'available_for_order', 'auf Lager', 'en stock', 'op voorraad'],
  // prettier-ignore
  quantity: [
    'variant_inventory_qty', 'inventory_quantity', 'stock_quantity', 'quantity', 'qty', 'stock', 'current_stock', 'stock_level',
    'quantity_to_sell_on_facebook', 'Lagerbestand', 'Bestand', 'Menge', 'Quantité', 'Existencias', 'Cantidad', 'Quantità', 'Giacenza',
    'Estoque', 'Quantidade', 'Stan magazynowy', 'Ilość', 'Voorraad', 'Aantal', '在庫', '在庫数',
  ],
  product_type: ['product_type', 'product_types'],
  google_product_category: [
    'google_product_category',
    'google_shopping_google_product_category',
    'fb_product_category',
    'facebook_product_category',
    'product_category',
  ],
  categories: [
    'categories',
    'Kategorien',
    'Catégories',
    'Categorías',
    'Categorie prodotto',
    'Kategorie produktu',
  ],
  age_group: ['age_group', 'google_shopping_age_group'],
  group: [
    'item_group_id',
    'handle',
    'url_handle',
    'parent',
    'parent_sku',
    'parent_id',
    'group_id',
    'product_group_id',
  ],
  status: ['status'],
  published: ['published', 'published_on_online_store', 'active'],
  children: ['configurable_variations'],
  /** Several attributes in one value, as Magento and BigCommerce write them. */
  attributes: ['additional_attributes', 'options'],
  /** What a row describes, as BigCommerce writes it: a product, or a variant or picture of the product above. */
  row_kind: ['item_type', 'item'],
} as const satisfies Record<string, readonly string[]>;

export type Field = keyof typeof COLUMN_NAMES;

/** Values as the source has them; an absent and an empty value mean the same. */
export type Fields = Readonly<Partial<Record<Field, string | undefined>>>;

/**
 * The forms under which a column is looked up: its whole name, and the name without what stands in brackets after it, such as a
 * currency or a hint. Ligatures and letters that Unicode does not take apart are written out.
 */
export function normalizedNames(column: string): readonly string[] {
  const whole = normalizeName(column);
  const short = normalizeName(column.replace(/\s*\([^)]*\)?[\s*]*$/, ''));
  return short === '' || short === whole ? [whole] : [whole, short];
}

export function normalizeName(name: string): string {
  return name
    .slice(0, 200)
    .trim()
    .toLowerCase()
    .replace(/^g:/, '')
    .replaceAll('ß', 'ss')
    .replaceAll('ł', 'l')
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '');
}
