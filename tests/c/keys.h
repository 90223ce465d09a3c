/* Keys of the tests alone, and what holds them. Each pair is a private JWK and its public half. */
#ifndef KEYS_H
#define KEYS_H

#define SECRET_ONE "vXnRGN_MwO_7mfbXClQhItT550C2SIrcxs1TI_CTs4U"
#define HMAC_ONE "{\"kty\":\"oct\",\"alg\":\"HS256\",\"kid\":\"one\",\"k\":\"" SECRET_ONE "\"}"
#define SECRET_TWO "H04ObSzyqpbexG5zceTLry3L2uZmHPhTD0BHU-Icjrg"
#define HMAC_TWO "{\"kty\":\"oct\",\"alg\":\"HS256\",\"kid\":\"two\",\"k\":\"" SECRET_TWO "\"}"
#define PRIVATE_ONE_D "41xRd4GGk83wywx_LV_zOQ1QicsQKFBtxvvaL2b4t24"
#define PUBLIC_ONE \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\",\"kid\":\"one\",\"x\":\"R9aNwSH_jcsgYKfOZNpjgDDwqlFA-qI7W4kX136QyLE\"}"
#define PRIVATE_ONE \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\",\"kid\":\"one\",\"x\":\"R9aNwSH_jcsgYKfOZNpjgDDwqlFA-qI7W4kX136QyLE\",\"d\":\"" PRIVATE_ONE_D "\"}"
#define PRIVATE_TWO_D "6edG55dIKFzTywEwClf6TyI59gbMJmsPnbvEvnqP0YY"
#define PUBLIC_TWO \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\",\"kid\":\"two\",\"x\":\"dQvJ-yXE3jvO_K7AKCUZMkw7SP745txE2bj5pxEpDv0\"}"
#define PRIVATE_TWO \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\",\"kid\":\"two\",\"x\":\"dQvJ-yXE3jvO_K7AKCUZMkw7SP745txE2bj5pxEpDv0\",\"d\":\"" PRIVATE_TWO_D "\"}"
#define PRIVATE_THREE_D "LnIIBwTBmK60GadZzWncvNv1benYYbYC_VfcqqkoGVo"
#define PUBLIC_THREE \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\",\"kid\":\"three\",\"x\":\"WNtqZAW216Cl1bUXahQkLDh9P-GediznlWVFE-GEloI\"}"
#define PRIVATE_THREE \
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\",\"kid\":\"three\",\"x\":\"WNtqZAW216Cl1bUXahQkLDh9P-GediznlWVFE-GEloI\",\"d\":\"" PRIVATE_THREE_D "\"}"
#define RSA_PUBLIC_ONE \
    "{\"kty\":\"RSA\",\"alg\":\"RS256\",\"kid\":\"one\",\"n\":\"uORr60WyzmeEdewxfUroxbLmFDfvCtgNCnn1dv4GqYfsJQUjLrlu4j7C" \
    "pm2KOcyPtQdq9_Nx2gKM-k1_pTTNlLd4LrgvYvzAikbtfpyzO-2O6eJqruh1uQakgetnFehej56vvH6xuja3OKaiVTY54P_Lrr-o" \
    "tdG579wQu1PwQTAbA5Ru-4BPNmvAlUQ4-8_OZDZb6zu3jel1_4tPjLSe2NGeyvPXW6Qn8xl-SRpAUFRu-GD_PoPN0cDww16OcRN9" \
    "hNCoSJBVxl6tbp21uRMXbGEcxKfNihXqbb7iQ0421AZnrgVS4pjZb4ifknNi_YTC-BhxoLEAN6m79jdibI3ksQ\",\"e\":\"AQAB\"}"
#define RSA_PRIVATE_ONE \
    "{\"kty\":\"RSA\",\"alg\":\"RS256\",\"kid\":\"one\",\"n\":\"uORr60WyzmeEdewxfUroxbLmFDfvCtgNCnn1dv4GqYfsJQUjLrlu4j7C" \
    "pm2KOcyPtQdq9_Nx2gKM-k1_pTTNlLd4LrgvYvzAikbtfpyzO-2O6eJqruh1uQakgetnFehej56vvH6xuja3OKaiVTY54P_Lrr-o" \
    "tdG579wQu1PwQTAbA5Ru-4BPNmvAlUQ4-8_OZDZb6zu3jel1_4tPjLSe2NGeyvPXW6Qn8xl-SRpAUFRu-GD_PoPN0cDww16OcRN9" \
    "hNCoSJBVxl6tbp21uRMXbGEcxKfNihXqbb7iQ0421AZnrgVS4pjZb4ifknNi_YTC-BhxoLEAN6m79jdibI3ksQ\",\"e\":\"AQAB\",\"" \
    "d\":\"WUZuN5WZb2F7i6cHBG0RtTgbMUMKyM0mitr1o8WnuN85LmzrHooKGPNd8JduyVbVQv94bo4deLuHj-qwyjgTVg462TA1LVJG" \
    "s93omhyWzMZ5ncQmaBs1kKg88cCVL3ZahnWEfHseXQBDeva25nc-_j30_wVrNJO2eLNlXtZ6aTa6gHJdobEq7rGdzodh1Xm42EW6" \
    "zEdNQnMrK2TR0wUYxChYPNIbWzwJQpk2h_EsbXxz-YftC7RYm86alnw_gmipGxW8WEF7ovOPK17oExxDvuqjxBTGpstpDpNbqHDe" \
    "PkSIW0Ohm5fMLdjXfHjyMijK4MIgTq7Pt9Iz1UF8H2k-gw\",\"p\":\"8KsHK7zjCIBaX8mJ6MuiXk7Lyh6tljgL0dERhq5LaKdgUd1" \
    "T3sGHTopfk6Ddizz3fU98pWdkMHBsAbXEKeACvm-SD5-ci8SbHCOSa47UKVunisl3_LYolbgxZ36g6c9eZ7ugLViUlfC-iKz1HOu" \
    "WChHOD2nZStNPZRNja5xWtyc\",\"q\":\"xKvD69hdMPd8et0_uXV1blo7cP-jTRVaijh7pL-xwmWMbkTwraR8Gn_GRdpidbPLV774V" \
    "hsVVo1Xz4OYYOWJ2xJsJJQU8kEppg1lBNvje7F6zKe_W0TvG5pWyTzU4xzQfh5AGqkVIPuSTZLIbqXjZ3uQm3WwFc1PwbBbUyoEr" \
    "Gc\",\"dp\":\"YdyZwN5Az18p4JNaIbBUKNcPpPOOkGvf2oSSBNrwzPBqiT9fcE_vji9UJ_qcu5ah6HGe9L8zDUNZl-RqjMCLPRavJO" \
    "05QdhDXlDUpCni-aJMYXIE-Vy06hSI-lWSZyCsea_gtS-007eeMoNp9EWTsCqHSNs4wWVlfmtA3SwoUrc\",\"dq\":\"UlqmwPSqGV4" \
    "Y9w38qDliQiJwr6GsjRO7BRQf2l4XHpMNWgNuURgGi8YjjY6kGit-o7CpJs1SgxrOwWuWfETCFEVDmZGUr9jPiuQjAATf3iT0igx" \
    "YWeykv4dCfiQF9VBUkesy5rcUzOnrWqZzXboDXorkg-SlJowBsNabd1ip-lM\",\"qi\":\"WclslcWIkyaWVCJmk3xWrpLAh5pQ4EsM" \
    "KVe8V2S0AGIl5ASf000tKeb_ptXDM2I3IevPEMPfxGvIgxhsruMj4kVQCPRxU88TmCBZELXWy0AaJFRHP9jk6_Qe1jzF-6vpAUFA" \
    "JjZBFiIOH_L722KvBqAu5g9NBNXBWGxk9uMDdX4\"}"
#define RSA_PUBLIC_TWO \
    "{\"kty\":\"RSA\",\"alg\":\"RS256\",\"kid\":\"two\",\"n\":\"tqkKjGG49NwLQyQ4_FXVZ0rKHUVRMrQev8a5XPYoUXys9--5DlzEU2Pz" \
    "wLJ74aN1ypERFi2LdZyA7YTMBEiy30LZTcLZaPW3saxcXR2IJIZ6jCZ5zI5xBguyr9iQptwEGALClJMWcpWO1AkDvuWechPkWSuj" \
    "Pvi0DnMW1_1_Yo6OPym0liPEmCzOAn7wB_-VXwbBw9LTKvE4v7n_bWtyrbMA9I0-NKK37g5Zcjfg618qSHWjOs-Yl2EupQROvNB-" \
    "Jd7YThwce_4gZOTne7L0aTEE61XEplPyi1PIXe8r9fkd77JsTX4nv_tlr06awPaQFO8Dv3UAxbeWqqNVkkhHJQ\",\"e\":\"AQAB\"}"
#define RSA_PRIVATE_TWO \
    "{\"kty\":\"RSA\",\"alg\":\"RS256\",\"kid\":\"two\",\"n\":\"tqkKjGG49NwLQyQ4_FXVZ0rKHUVRMrQev8a5XPYoUXys9--5DlzEU2Pz" \
    "wLJ74aN1ypERFi2LdZyA7YTMBEiy30LZTcLZaPW3saxcXR2IJIZ6jCZ5zI5xBguyr9iQptwEGALClJMWcpWO1AkDvuWechPkWSuj" \
    "Pvi0DnMW1_1_Yo6OPym0liPEmCzOAn7wB_-VXwbBw9LTKvE4v7n_bWtyrbMA9I0-NKK37g5Zcjfg618qSHWjOs-Yl2EupQROvNB-" \
    "Jd7YThwce_4gZOTne7L0aTEE61XEplPyi1PIXe8r9fkd77JsTX4nv_tlr06awPaQFO8Dv3UAxbeWqqNVkkhHJQ\",\"e\":\"AQAB\",\"" \
    "d\":\"JT8dkUgpCrcnDcMgYqYPDM_FnIfiuZPclE8Nw8zHJmylqa4mnmzgtL90ODY9CCMIlSyVHyBc6HfoG2bhojr_zIJpZM-nfR1j" \
    "3pVOxUcNGKOacCM1YXanSewPPQfMYVYKeKnxaxH-ORHRrN-EtcPFVi5DuUIqeOAGeU7TGOqOc_ZUZ5ZPR23siM0bVDk3I5fhw3db" \
    "iP2wvfm6dDzRsOanLoxI30fgJdiDwXZEaoF34VDzxpAkNrWZlMuZHZ3YeIdJTe75Mw1Fs1LI-9vnA5FDuI1886V7XkOHIN_UWJJX" \
    "RDppGlfCtMOODa90yT7J25JBtGW5CAGxQtIkuLwNoxg8SQ\",\"p\":\"9DwGNvQ27Za__EMosQGh_r1CRbN7JlcJCwZNmLbcyJ9U4W_" \
    "siUIGrtZZ1QbDnbRXG-6tio26ujxWjGHwWc8_4czTvjMd2720mF5VSJHZf_6CtrSsDcdpIGYm8wgQ6lOByKSif_I28Qt3mnNn7my" \
    "brCWYp9Ets6zv0Cuqs608Tn0\",\"q\":\"v3WqTkdCYNN3ZpNxtZnqpM5BddYOHEajrovZpDIh_S-SKuLWpv9nHnxgN68XrDqo9mGPi" \
    "DinMXUpmgj6Rqua1XVHeubYcW_RijxElBEZox-Pa7KBQYYut7iRvV41CZsdxqLc6LsS5r38x-RjjRVfKWb788rwwK5NSge_KUKG8" \
    "8k\",\"dp\":\"1XS4gcMDVrdQZ-tSXxFsQbWrfDuXQDUFREtn-jan0_fdOYKWmofIS3ov3Q0iXmzFTTZXGicwsaAWjG70n6mQzYo07a" \
    "DDUdAFTL31j41ZKJKKL6DMVuaXrKdbF0FPd10wqumo1GYfOqCpEaYXibwGengJaXJanRRiK_BeKtcXRAk\",\"dq\":\"f6CJOYspBXC" \
    "RzHAHQb5rexb-7fUWDOVN4WHaYCkHHUaj0jDKVCI29EyGuzfduPKVhT_9tRnG4iIu7D6Fz6w_F4IJdzUBHYUjklmggW9wvpugOHO" \
    "S1EIFTHUdubVd95xOWgZg6kciT2xgYEOv1PFlMS00UQx8NoU6glntpSxy13k\",\"qi\":\"HkwDuOFZFt6l4-BSuOoDMcmUKJ6ZJsQi" \
    "5kkekZ3d7Ta9fEoBNJm3FDKhCYvFRyFbrbBw8stpjZE8ZABnvRHvjYZYdm6s2lTqOu50R7BJRiksPnDC1WgSU11ZJ0ntM9T6aJ47" \
    "i-hvRt0yhahdwPHbERUor1EijNVVHy2pKBgd5iM\"}"

/* A JWK set of the keys given. */
#define SET(keys) "{\"keys\":[" keys "]}"

#endif
