"""Remittance advice (835 005010X221A1): loops, segments, elements and codes.

The notation is that of `schemas.x12.guide`; the facts are the implementation guide's.
"""

GRAMMAR = """
  BPR R 1 1!=C,D,H,I,P,U,X 2! 3!=C,D 4!=ACH,BOP,CHK,FWT,NON 5=CCP,CTX 6=01,04 8=DA 12=01,04 14=DA,SG 16! x17-21
  TRN R 1 1!=1 2! 3!
  CUR S 1 1!=PR 2! x3-21
  REF S 1/ 1!=EV,F2 2! x3-4
  DTM S 1 1!=405 2! x3-6
  @1000A R 1
    N1 R 1 1!=PR 2! 3=XV x5-6
    N3 R 1 1!
    N4 R 1 1! x5-6
    REF S 4 1!=2U,EO,HI,NF 2! x3-4
    PER S 1 1!=CX 3=EM,FX,TE 5=EM,EX,FX,TE 7=EX x9
    PER R >1 1!=BL 3=EM,TE,UR 5=EM,EX,FX,TE,UR 7=EM,EX,FX,UR x9
    PER S 1 1!=IC 3!=UR 4! x2,5-9
  @1000B R 1
    N1 R 1 1!=PE 2! 3!=FI,XV,XX 4! x5-6
    N3 S 1 1!
    N4 S 1 1! x5-6
    REF S >1 1!=0B,D3,PQ,TJ 2! x3-4
    RDM S 1 1!=BM,EM,FT,OL x4-5
  @2000 S >1
    LX R 1 1!
    TS3 S 1 1! 2! 3! 4! 5! x6-12,14,16,19
    TS2 S 1
    @2100 R >1
      CLP R 1 1! 2!=1,19,2,20,21,22,23,25,3,4 3! 4! 6!=12,13,14,15,16,17,AM,CH,DS,HM,LM,MA,MB,MC,OF,TV,VA,WC,ZZ 7!
            x10,14
      CAS S 99 1!=CO,OA,PI,PR 2! 3!
      NM1 R 1 1!=QC 2!=1 8=34,HN,II,MI,MR x6,10-12
      NM1 S 1 1!=IL 2!=1,2 8!=FI,II,MI 9! x6,10-12
      NM1 S 1 1!=74 2!=1,2 8=C x6,10-12
      NM1 S 1 1!=82 2!=1,2 8!=BD,BS,FI,MC,PC,SL,UP,XX 9! x6,10-12
      NM1 S 1 1!=TT 2!=2 3! 8!=AD,FI,NI,PI,PP,XV 9! x4-7,10-12
      NM1 S 1 1!=PR 2!=2 3! 8!=AD,FI,NI,PI,PP,XV 9! x4-7,10-12
      NM1 S 1 1!=GB 2!=1,2 8=FI,II,MI x6,10-12
      MIA S 1 1!
      MOA S 1
      REF S 5 1!=1L,1W,28,6P,9A,9C,BB,CE,EA,F8,G1,G3,IG,SY 2! x3-4
      REF S 10 1!=0B,1A,1B,1C,1D,1G,1H,1J,D3,G2,LU 2! x3-4
      DTM S 2 1!=232,233 2! x3-6
      DTM S 1/ 1!=036,050 2! x3-6
      PER S 2 1!=CX 3!=EM,FX,TE 4! 5=EM,EX,FX,TE 7=EX x9
      AMT S 13 1!=AU,D8,DY,F5,I,NL,T,T2,ZK,ZL,ZM,ZN,ZO 2! x3
      QTY S 14 1!=CA,CD,LA,LE,NE,NR,OU,PS,VS,ZK,ZL,ZM,ZN,ZO 2! x3-4
      @2110 S 999
        SVC R 1 1!(1!=AD,ER,HC,HP,IV,N4,N6,NU,UI,WK 2! x7-8) 2! 3! 6(1!=AD,ER,HC,HP,IV,N4,NU,WK 2! x8)
        DTM S 2 1!=150,151,472 2! x3-6
        CAS S 99 1!=CO,OA,PI,PR 2! 3!
        REF S 8 1!=1S,APC,BB,E9,G1,G3,LU,RB 2! x3-4
        REF S 1 1!=6R 2! x3-4
        REF S 10 1!=0B,1A,1B,1C,1D,1G,1H,1J,D3,G2,HPI,SY,TJ 2! x3-4
        REF S 5 1!=0K 2! x3-4
        AMT S 9 1!=B6,KH,T,T2,ZK,ZL,ZM,ZN,ZO 2! x3
        QTY S 6 1!=ZK,ZL,ZM,ZN,ZO 2! x3-4
        LQ S 99 1!=HE,RX 2!
  PLB S >1 1! 2!
        3!(1!=50,51,72,90,AH,AM,AP,B2,B3,BD,BN,C5,CR,CS,CT,CV,CW,DM,E3,FB,FC,GO,HM,IP,IR,IS,J1,L3,L6,LE,LS,OA,OB,PI,PL,RA,RE,SL,TL,WO,WU)
        4! 5(1!) 7(1!) 9(1!) 11(1!) 13(1!)
"""
