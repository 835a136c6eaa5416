"""Institutional claim (837I 005010X223A2): loops, segments, elements and codes.

The notation is that of `schemas.x12.guide`; the facts are the implementation guide's.
"""

GRAMMAR = """
  BHT R 1 1!=0019 2!=00,18 3! 4! 5! 6!=31,CH,RP
  @1000A R 1
    NM1 R 1 1!=41 2!=1,2 3! 8!=46 9! x6-7,10-12
    PER R 2 1!=IC 3!=EM,FX,TE 4! 5=EM,EX,FX,TE 7=EM,EX,FX,TE x9
  @1000B R 1
    NM1 R 1 1!=40 2!=2 3! 8!=46 9! x4-7,10-12
  @2000A R >1
    HL R 1 1! 3!=20 4!=1 x2
    PRV S 1 1!=BI 2!=PXC 3! x4-6
    CUR S 1 1!=85 2! x3-21
    @2010AA R 1
      NM1 R 1 1!=85 2!=2 3! 8=XX x4-7,10-12
      N3 R 1 1!
      N4 R 1 1! x5-6
      REF R 1 1!=EI 2! x3-4
      PER S 2 1!=IC 3!=EM,FX,TE 4! 5=EM,EX,FX,TE 7=EM,EX,FX,TE x9
    @2010AB S 1
      NM1 R 1 1!=87 2!=2 x3-12
      N3 R 1 1!
      N4 R 1 1! x5-6
    @2010AC S 1
      NM1 R 1 1!=PE 2!=2 3! 8!=PI,XV 9! x4-7,10-12
      N3 R 1 1!
      N4 R 1 1! x5-6
      REF S 1 1!=2U,FY,NF 2! x3-4
      REF R 1 1!=EI 2! x3-4
    @2000B R >1
      HL R 1 1! 2! 3!=22 4!=0,1
      SBR R 1 1!=A,B,C,D,E,F,G,H,P,S,T,U 2=18
            9=11,12,13,14,15,16,17,AM,BL,CH,CI,DS,FI,HM,LM,MA,MB,MC,OF,TV,VA,WC,ZZ x5-8
      @2010BA R 1
        NM1 R 1 1!=IL 2!=1,2 3! 8=II,MI x6,10-12
        N3 S 1 1!
        N4 S 1 1! x5-6
        DMG S 1 1!=D8 2! 3!=F,M,U x4-11
        REF S 1/ 1!=SY,Y4 2! x3-4
      @2010BB R 1
        NM1 R 1 1!=PR 2!=2 3! 8!=PI,XV 9! x4-7,10-12
        N3 S 1 1!
        N4 S 1 1! x5-6
        REF S 3 1!=2U,EI,FY,NF 2! x3-4
        REF S 1 1!=G2,LU 2! x3-4
      @2300 S 100
        CLM R 1 1! 2! 5!(1! 2!=A 3!) 7!=A,B,C 8!=N,W,Y 9!=I,Y 20=1,10,11,15,2,3,4,5,6,7,8,9 x3-4,6,10-19
        DTP S 1 1!=096 2!=TM 3!
        DTP R 1 1!=434 2!=RD8 3!
        DTP S 1 1!=435 2!=D8,DT 3!
        DTP S 1 1!=050 2!=D8 3!
        CL1 R 1 3! x4
        PWK S 10 1! 2!=AA,BM,EL,EM,FT,FX 5=AC x3-4,7-9
        CN1 S 1 1!=01,02,03,04,05,06,09
        AMT S 1 1!=F3 2! x3
        REF S 1/ 1!=4N,9F,G1,F8,9A,9C 2! x3-4
        REF S 5 1!=LX 2! x3-4
        REF S 1/ 1!=D9,LU,EA,P4,G4 2! x3-4
        K3 S 10 1! x2-3
        NTE S 10 1!=ALG,DCP,DGN,DME,MED,NTR,ODT,RHB,RLH,RNH,SET,SFM,SPT,UPI 2!
        NTE S 1 1!=ADD 2!
        CRC S 1 1!=ZZ 2!=N,Y 3!=AV,NU,S2,ST x6-7
        HI R 1 1!(1!=ABK,BK 2! 9=N,U,W,Y x3-8) x2-12
        HI S 1 1!(1!=ABJ,BJ 2! x3-9) x2-12
        HI S 1 1!(1!=APR,PR 2! x3-9) 2-3(1!=APR,PR 2! x3-9) x4-12
        HI S 1 1!(1!=ABN,BN 2! 9=N,U,W,Y x3-8) 2-12(1!=ABN,BN 2! 9=N,U,W,Y x3-8)
        HI S 1 1!(1!=DR 2! x3-9) x2-12
        HI S 2 1!(1!=ABF,BF 2! 9=N,U,W,Y x3-8) 2-12(1!=ABF,BF 2! 9=N,U,W,Y x3-8)
        HI S 1 1!(1!=BBR,BR,CAH 2! 3!=D8 4! x5-9) x2-12
        HI S 2 1!(1!=BBQ,BQ 2! 3!=D8 4! x5-9) 2-12(1!=BBQ,BQ 2! 3!=D8 4! x5-9)
        HI S 2 1!(1!=BI 2! 3!=RD8 4! x5-9) 2-12(1!=BI 2! 3!=RD8 4! x5-9)
        HI S 2 1!(1!=BH 2! 3!=D8 4! x5-9) 2-12(1!=BH 2! 3!=D8 4! x5-9)
        HI S 2 1!(1!=BE 2! 5! x3-4,6-9) 2-12(1!=BE 2! 5! x3-4,6-9)
        HI S 2 1!(1!=BG 2! x3-9) 2-12(1!=BG 2! x3-9)
        HI S 2 1!(1!=TC 2! x3-9) 2-12(1!=TC 2! x3-9)
        HCP S 1 1!=00,01,02,03,04,05,06,07,08,09,10,11,12,13,14 2! 11=DA,UN 13=T1,T2,T3,T4,T5,T6 14=1,2,3,4,5
              15=1,2,3,4,5,6 x9-10
        @2310A S 1
          NM1 R 1 1!=71 2!=1 3! 8=XX x6,10-12
          PRV S 1 1!=AT 2!=PXC 3! x4-6
          REF S 4 1!=0B,1G,G2,LU 2! x3-4
        @2310B S 1
          NM1 R 1 1!=72 2!=1 3! 8=XX x6,10-12
          REF S 4 1!=0B,1G,G2,LU 2! x3-4
        @2310C S 1
          NM1 R 1 1!=ZZ 2!=1 3! 8=XX x6,10-12
          REF S 4 1!=0B,1G,G2,LU 2! x3-4
        @2310D S 1
          NM1 R 1 1!=82 2!=1 3! 8=XX x6,10-12
          REF S 4 1!=0B,1G,G2,LU 2! x3-4
        @2310E S 1
          NM1 R 1 1!=77 2!=2 3! 8=XX x4-7,10-12
          N3 R 1 1!
          N4 R 1 1! x5-6
          REF S 3 1!=0B,G2,LU 2! x3-4
        @2310F S 1
          NM1 R 1 1!=DN 2!=1 3! 8=XX x6,10-12
          REF S 3 1!=0B,1G,G2 2! x3-4
        @2320 S 10
          SBR R 1 1!=A,B,C,D,E,F,G,H,P,S,T,U 2!=01,18,19,20,21,39,40,53,G8
                9=11,12,13,14,15,16,17,AM,BL,CH,CI,DS,FI,HM,LM,MA,MB,MC,OF,TV,VA,WC,ZZ x5-8
          CAS S 5 1!=CO,CR,OA,PI,PR 2! 3!
          AMT S 1/ 1!=D,EAF,A8 2! x3
          OI R 1 3!=N,W,Y 6!=I,Y x1-2,4-5
          MIA S 1 1! x2
          MOA S 1
          @2330A R 1
            NM1 R 1 1!=IL 2!=1,2 3! 8!=II,MI 9! x6,10-12
            N3 S 1 1!
            N4 S 1 1! x5-6
            REF S 2 1!=SY 2! x3-4
          @2330B R 1
            NM1 R 1 1!=PR 2!=2 3! 8!=PI,XV 9! x4-7,10-12
            N3 S 1 1!
            N4 S 1 1! x5-6
            DTP S 1 1!=573 2!=D8 3!
            REF S 2 1!=2U,EI,FY,NF 2! x3-4
            REF S 1/ 1!=G1,9F,T4,F8 2! x3-4
          @2330C S 1
            NM1 R 1 1!=71 2!=1 x3-12
            REF R 4 1!=0B,1G,G2,LU 2! x3-4
          @2330D S 1
            NM1 R 1 1!=72 2!=1 x3-12
            REF R 4 1!=0B,1G,G2,LU 2! x3-4
          @2330E S 1
            NM1 R 1 1!=ZZ 2!=1 x3-12
            REF R 4 1!=0B,1G,G2,LU 2! x3-4
          @2330F S 1
            NM1 R 1 1!=77 2!=2 x3-12
            REF R 3 1!=0B,G2,LU 2! x3-4
          @2330G S 1
            NM1 R 1 1!=82 2!=1 x3-12
            REF R 4 1!=0B,1G,G2,LU 2! x3-4
          @2330H S 1
            NM1 R 1 1!=DN 2!=1 x3-12
            REF R 3 1!=0B,1G,G2 2! x3-4
          @2330I S 1
            NM1 R 1 1!=85 2!=2 x3-12
            REF R 2 1!=G2,LU 2! x3-4
        @2400 R 999
          LX R 1 1!
          SV2 R 1 1! 2(1!=ER,HC,HP,IV,WK 2! x8) 3! 4!=DA,UN 5! x6,8-10
          PWK S 10 1! 2!=AA,BM,EL,EM,FT,FX 5=AC x3-4,7-9
          DTP S 1 1!=472 2!=D8,RD8 3!
          REF S 1/ 1!=6R,9B,9D 2! x3-4
          AMT S 1/ 1!=GT,N8 2! x3
          NTE S 1 1!=TPO 2!
          HCP S 1 1!=00,01,02,03,04,05,06,07,08,09,10,11,12,13,14 2! 9=ER,HC,HP,IV,WK 11=DA,UN 13=T1,T2,T3,T4,T5,T6
                14=1,2,3,4,5 15=1,2,3,4,5,6
          @2410 S 1
            LIN R 1 2!=N4 3! x1,4-31
            CTP R 1 4! 5!(1!=F2,GR,ME,ML,UN x2-15) x1-3,6-11
            REF S 1 1!=VY,XZ 2! x3-4
          @2420A S 1
            NM1 R 1 1!=72 2!=1 3! 8=XX x6,10-12
            REF S 20 1!=0B,1G,G2,LU 2! 4(1!=2U 2! x3-6) x3
          @2420B S 1
            NM1 R 1 1!=ZZ 2!=1 3! 8=XX x6,10-12
            REF S 20 1!=0B,1G,G2,LU 2! 4(1!=2U 2! x3-6) x3
          @2420C S 1
            NM1 R 1 1!=82 2!=1 3! 8=XX x6,10-12
            REF S 20 1!=0B,1G,G2,LU 2! 4(1!=2U 2! x3-6) x3
          @2420D S 1
            NM1 R 1 1!=DN 2!=1 3! 8=XX x6,10-12
            REF S 20 1!=0B,1G,G2 2! 4(1!=2U 2! x3-6) x3
          @2430 S 15
            SVD R 1 1! 2! 3(1!=ER,HC,HP,IV,WK 2! x8) 4! 5!
            CAS S 5 1!=CO,CR,OA,PI,PR 2! 3!
            DTP R 1 1!=573 2!=D8 3!
            AMT S 1 1!=EAF 2! x3
      @2000C S >1
        HL R 1 1! 2! 3!=23 4!=0
        PAT R 1 1!=01,19,20,21,39,40,53,G8 x2-9
        @2010CA R 1
          NM1 R 1 1!=QC 2!=1 3! x6,8-12
          N3 R 1 1!
          N4 R 1 1! x5-6
          DMG R 1 1!=D8 2! 3!=F,M,U x4-11
          REF S 1 1!=Y4 2! x3-4
          REF S 1 1!=1W,SY 2! x3-4
        +2300 R 100
"""
