import { describe, expect, it } from 'vitest';
import { isOfKind, kindsOfType } from '../../src/garments/kind-of-type.ts';

describe('the kinds of an article type', () => {
  it.each([
    ['Tshirts', ['top']],
    ['Casual Shoes', ['shoes']],
    ['Jackets', ['outerwear', 'top']],
    ['Sweaters', ['top', 'outerwear']],
    ['Tunics', ['top', 'dress']],
    ['Track Pants', ['trousers']],
    ['Waist Pouch', ['bag']],
    ['Caps', ['hat']],
    ['Rompers', ['dress']],
    ['Dress Shirts', ['top']],
    ['Apparel & Accessories > Clothing > Skirts', ['skirt']],
  ])('of the English type %s are %j', (type, kinds) => {
    expect(kindsOfType(type)).toEqual(kinds);
  });

  it.each([
    ['Abendkleider', ['dress']],
    ['Röcke', ['skirt']],
    ['Sommerhose', ['trousers']],
    ['Turnschuhe', ['shoes']],
    ['Wintermäntel', ['outerwear']],
    ['Lunettes de soleil', ['sunglasses']],
    ['Robes de soirée', ['dress']],
    ['Zapatillas', ['shoes']],
    ['Gonne', ['skirt']],
    ['Vestidos', ['dress']],
    ['Jurken', ['dress']],
    ['Sukienki', ['dress']],
  ])('of the type %s in another language are %j', (type, kinds) => {
    expect(kindsOfType(type)).toEqual(kinds);
  });

  it.each(['Watches', 'Socks', 'Belts', 'Perfume and Body Mist', 'Shoe Laces', 'Bra'])(
    'are none for %s, which is a product of another sort',
    (type) => {
      expect(kindsOfType(type)).toBe('other');
      expect(isOfKind(type, 'shoes')).toBe(false);
    },
  );

  it.each(['SS26', 'Sale', '服', '', 'Sarees', 'Kurtas', 'Night suits', 'Swimwear', 'Clothing Set'])(
    'are not known for %j',
    (type) => {
      expect(kindsOfType(type)).toBeUndefined();
      expect(isOfKind(type, 'top')).toBeUndefined();
    },
  );
});
