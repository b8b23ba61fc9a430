/** Codes of countries with two letters and, joined on, the same country's with three [ISO 3166-1]: `BEBEL` is Belgium. */
const CODES =
  'ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE BABIH BBBRB BDBGD ' +
  'BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN ' +
  'CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU ' +
  'DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB ' +
  'GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG ' +
  'HMHMD HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM JOJOR JPJPN ' +
  'KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU ' +
  'LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR ' +
  'MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL ' +
  'OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB ' +
  'RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP ' +
  'SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON TRTUR TTTTO TVTUV TWTWN ' +
  'TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ' +
  'ZMZMB ZWZWE'

/** Countries in which all clocks show the same time, and their IANA zone. */
const ZONES =
  'ALB:Europe/Tirane AND:Europe/Andorra ARE:Asia/Dubai ARM:Asia/Yerevan AUT:Europe/Vienna AZE:Asia/Baku ' +
  'BEL:Europe/Brussels BGR:Europe/Sofia BHR:Asia/Bahrain BIH:Europe/Sarajevo CHE:Europe/Zurich CZE:Europe/Prague ' +
  'DEU:Europe/Berlin DNK:Europe/Copenhagen EGY:Africa/Cairo EST:Europe/Tallinn FIN:Europe/Helsinki FRA:Europe/Paris ' +
  'GBR:Europe/London GEO:Asia/Tbilisi GIB:Europe/Gibraltar GRC:Europe/Athens HKG:Asia/Hong_Kong HRV:Europe/Zagreb ' +
  'HUN:Europe/Budapest IRL:Europe/Dublin ISL:Atlantic/Reykjavik ISR:Asia/Jerusalem ITA:Europe/Rome JOR:Asia/Amman ' +
  'JPN:Asia/Tokyo KOR:Asia/Seoul KWT:Asia/Kuwait LIE:Europe/Vaduz LKA:Asia/Colombo LTU:Europe/Vilnius ' +
  'LUX:Europe/Luxembourg LVA:Europe/Riga MAR:Africa/Casablanca MCO:Europe/Monaco MDA:Europe/Chisinau ' +
  'MKD:Europe/Skopje MLT:Europe/Malta MNE:Europe/Podgorica NLD:Europe/Amsterdam NOR:Europe/Oslo OMN:Asia/Muscat ' +
  'POL:Europe/Warsaw QAT:Asia/Qatar ROU:Europe/Bucharest SAU:Asia/Riyadh SGP:Asia/Singapore SMR:Europe/San_Marino ' +
  'SRB:Europe/Belgrade SVK:Europe/Bratislava SVN:Europe/Ljubljana SWE:Europe/Stockholm TUN:Africa/Tunis ' +
  'TUR:Europe/Istanbul TWN:Asia/Taipei VAT:Europe/Vatican ZAF:Africa/Johannesburg'

const threeLetters: ReadonlyMap<string, string> = new Map(
  CODES.split(' ').map((code) => [code.slice(0, 2), code.slice(2)]),
)
const zones: ReadonlyMap<string, string> = new Map(ZONES.split(' ').map((zone) => [zone.slice(0, 3), zone.slice(4)]))

/** `BEL` of `BE`; null for what is no country's code of two letters. */
export function threeLettersOf(twoLetters: string): string | null {
  return threeLetters.get(twoLetters.toUpperCase()) ?? null
}

/** The time zone of a country by its code of two or three letters; null where it has several, or none is known. */
export function zoneOf(country: string): string | null {
  return zones.get(threeLettersOf(country) ?? country.toUpperCase()) ?? null
}
